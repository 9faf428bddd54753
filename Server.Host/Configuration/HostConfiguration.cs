using System.Collections;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Primitives;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Configuration;

/// <summary>The configuration: the file, the environment and the command line, each over the one before. Defaults are the options' own.</summary>
internal sealed class HostConfiguration
{
    /// <summary>Where the file is looked for, in the working directory and then beside the program.</summary>
    public const string DefaultFile = "config/appsettings.json";

    private const string Prefix = "PARLEY_";
    private readonly (string Label, IConfigurationProvider Provider)[] _sources;
    private readonly Func<HostConfiguration> _again;
    private ConfigurationReloadToken _changed = new();

    private HostConfiguration(IConfigurationRoot root, string? file, IReadOnlyList<string> labels, Func<HostConfiguration> again)
    {
        (Root, File, _again) = (root, file, again);
        _sources = [.. root.Providers.Select((p, i) => (labels[i], p))];
    }

    /// <summary>The merged values.</summary>
    public IConfigurationRoot Root { get; }

    /// <summary>The file that was read; null if there is none.</summary>
    public string? File { get; }

    /// <summary>Reads all sources.</summary>
    /// <param name="file">The file named by <c>--config</c>, which must exist; null: the default, if it exists.</param>
    /// <param name="settings">What the command line sets.</param>
    /// <param name="environment">The environment; null: the process's own.</param>
    /// <exception cref="StartFailureException">The file cannot be read.</exception>
    public static HostConfiguration Load(string? file, IEnumerable<KeyValuePair<string, string?>> settings, IReadOnlyDictionary<string, string?>? environment = null)
    {
        var path = Find(file);
        var labels = new List<string>();
        var builder = new ConfigurationBuilder();
        if (path is not null)
        {
            builder.AddJsonFile(path, optional: false, reloadOnChange: false);
            labels.Add(file ?? DefaultFile);
        }

        builder.AddInMemoryCollection(FromEnvironment(environment ?? OwnEnvironment()));
        labels.Add("the environment");
        builder.AddInMemoryCollection(settings);
        labels.Add("the command line");
        try
        {
            return new HostConfiguration(builder.Build(), path, labels, () => Load(file, settings, environment));
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException(path ?? DefaultFile, $"cannot be read: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>Signalled by the next <see cref="Announce"/>.</summary>
    public IChangeToken Changed => Volatile.Read(ref _changed);

    /// <summary>Reads all sources anew, apart from these values: to be judged before they count.</summary>
    /// <exception cref="StartFailureException">The file cannot be read.</exception>
    public HostConfiguration ReadAgain() => _again();

    /// <summary>Tells whoever keeps values that they are new. Not with <see cref="Reload"/>: values that nobody has judged are told to nobody.</summary>
    public void Announce() => Interlocked.Exchange(ref _changed, new ConfigurationReloadToken()).OnReload();

    /// <summary>Reads the file again.</summary>
    /// <exception cref="StartFailureException">It cannot be read; the values stay as they were.</exception>
    public void Reload()
    {
        try
        {
            foreach (var (_, provider) in _sources)
            {
                if (provider is FileConfigurationProvider) provider.Load();
            }
        }
        catch (Exception e) when (e is InvalidDataException or FormatException or IOException or UnauthorizedAccessException)
        {
            throw new StartFailureException(File!, $"cannot be read: {e.GetBaseException().Message}", e);
        }
    }

    /// <summary>Names the source that a key's value comes from.</summary>
    public string SourceOf(string key) => _sources.LastOrDefault(s => s.Provider.TryGet(key, out _) || s.Provider.GetChildKeys([], key).Any()).Label ?? "the configuration";

    private static string? Find(string? file)
    {
        if (file is not null)
        {
            return System.IO.File.Exists(file) ? Path.GetFullPath(file) : throw new StartFailureException("--config", $"there is no file {file}.");
        }

        return new[] { Path.GetFullPath(DefaultFile), Path.Combine(AppContext.BaseDirectory, DefaultFile) }.FirstOrDefault(System.IO.File.Exists);
    }

    // PARLEY_LONG and its like are switches of tools, not keys: a key has at least a section and a name.
    private static List<KeyValuePair<string, string?>> FromEnvironment(IReadOnlyDictionary<string, string?> environment)
    {
        var keys = environment.Where(e => e.Key.StartsWith(Prefix, StringComparison.Ordinal) && e.Key.Contains("__", StringComparison.Ordinal))
            .GroupBy(e => e.Key[Prefix.Length..].Replace("__", ":", StringComparison.Ordinal), StringComparer.OrdinalIgnoreCase).ToList();
        // Variables have no order that could say which of the two was meant.
        return keys.FirstOrDefault(k => k.Count() > 1) is { } twice
            ? throw new StartFailureException(twice.Key, $"set twice in the environment, by {string.Join(" and ", twice.Select(e => e.Key).Order(StringComparer.Ordinal))}; keep one.")
            : [.. keys.Select(k => new KeyValuePair<string, string?>(k.Key, k.Single().Value))];
    }

    private static Dictionary<string, string?> OwnEnvironment() =>
        Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().ToDictionary(e => (string)e.Key, e => (string?)e.Value, StringComparer.Ordinal);
}
