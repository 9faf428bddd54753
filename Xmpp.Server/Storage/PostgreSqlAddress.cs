using Npgsql;

namespace Parley.Xmpp.Server.Storage;

/// <summary>The connection string of PostgreSQL: Npgsql's keywords (<c>Host=db;Database=parley;Username=parley;Password=…</c>), or the address that PostgreSQL's own tools take (<c>postgresql://parley:…@db/parley</c>).</summary>
internal static class PostgreSqlAddress
{
    private const string Form = "expected Host=…;Database=…;Username=…;Password=… or postgresql://user:password@host/database";

    // Of libpq's parameters the ones that have another name here.
    private static readonly Dictionary<string, string> Names = new(StringComparer.OrdinalIgnoreCase)
    {
        ["sslmode"] = "SSL Mode",
        ["sslrootcert"] = "Root Certificate",
        ["sslcert"] = "SSL Certificate",
        ["sslkey"] = "SSL Key",
        ["connect_timeout"] = "Timeout",
        ["application_name"] = "Application Name",
        ["target_session_attrs"] = "Target Session Attributes",
        ["options"] = "Options",
        ["host"] = "Host",
    };

    /// <summary>Reads either form and fills in what this server wants where nothing is said.</summary>
    /// <exception cref="ArgumentException">It is neither. The message holds nothing of a value: one of them is a password.</exception>
    public static NpgsqlConnectionStringBuilder Read(string text)
    {
        if (string.IsNullOrWhiteSpace(text)) throw new ArgumentException("it is empty; " + Form);
        var builder = IsUri(text) ? ReadUri(text) : ReadKeywords(text);
        if (string.IsNullOrEmpty(builder.Host)) throw new ArgumentException("it names no Host; " + Form);
        builder.ApplicationName ??= "parley";
        // The same statements all day long. Behind a pooler that changes connections between transactions the operator sets 0.
        if (!builder.ShouldSerialize("Max Auto Prepare")) builder.MaxAutoPrepare = 200;
        return builder;
    }

    /// <summary>The database as messages name it.</summary>
    public static string Describe(NpgsqlConnectionStringBuilder builder) => $"the PostgreSQL database \"{builder.Database ?? builder.Username}\" at {builder.Host}:{builder.Port}";

    private static bool IsUri(string text) => text.StartsWith("postgresql://", StringComparison.OrdinalIgnoreCase) || text.StartsWith("postgres://", StringComparison.OrdinalIgnoreCase);

    private static NpgsqlConnectionStringBuilder ReadKeywords(string text)
    {
        var builder = new NpgsqlConnectionStringBuilder();
        try
        {
            builder.ConnectionString = text;
        }
        catch (ArgumentException e)
        {
            // Of the exceptions beneath this one some quote the value; and a name that is no keyword may be the end of a password with a semicolon in it.
            throw new ArgumentException(e is not { ParamName: { Length: > 0 } name } ? Form
                : builder.ContainsKey(name) ? $"the value of {name} does not fit; {Form}"
                : $"one of the keywords is not known here (a value with a semicolon stands in quotes); {Form}");
        }
        catch (FormatException)
        {
            throw new ArgumentException(Form);
        }

        return builder;
    }

    private static NpgsqlConnectionStringBuilder ReadUri(string text)
    {
        if (!Uri.TryCreate(text, UriKind.Absolute, out var uri)) throw new ArgumentException(Form);
        var builder = new NpgsqlConnectionStringBuilder { Host = uri.Host };
        if (uri.Port > 0) builder.Port = uri.Port;
        if (uri.AbsolutePath.Trim('/') is { Length: > 0 } database) builder.Database = Uri.UnescapeDataString(database);
        var user = uri.UserInfo.Split(':', 2);
        if (user[0].Length > 0) builder.Username = Uri.UnescapeDataString(user[0]);
        if (user.Length > 1) builder.Password = Uri.UnescapeDataString(user[1]);
        foreach (var pair in uri.Query.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var name = pair.Split('=', 2)[0];
            // Not named: behind a ? that is not escaped it is a part of the password.
            if (!Names.TryGetValue(name, out var keyword)) throw new ArgumentException($"one of the parameters is not known here; {string.Join(", ", Names.Keys)} are (and in a password ? is %3F)");
            try
            {
                var value = pair.Length > name.Length ? Uri.UnescapeDataString(pair[(name.Length + 1)..]) : "";
                // verify-full is VerifyFull there.
                builder[keyword] = keyword == "SSL Mode" ? value.Replace("-", "", StringComparison.Ordinal) : value;
            }
            catch (Exception e) when (e is ArgumentException or FormatException)
            {
                throw new ArgumentException($"the value of {name} does not fit");
            }
        }

        return builder;
    }
}
