using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>The section <c>Storage</c>.</summary>
public sealed class StorageOptions
{
    /// <summary>The database.</summary>
    public StorageProvider Provider { get; set; }

    /// <summary>Where PostgreSQL is: <c>Host=…;Database=…;Username=…;Password=…</c> or <c>postgresql://user:password@host/database</c>.</summary>
    public string? ConnectionString { get; set; }

    /// <summary>What is wrong, a line that begins with its key and holds nothing of a password; null if nothing is.</summary>
    internal string? Fault
    {
        get
        {
            if (Provider == StorageProvider.Sqlite) return ConnectionString is null ? null : "Storage:ConnectionString: counts for PostgreSql only; set Storage:Provider to PostgreSql or take it away.";
            try
            {
                PostgreSqlAddress.Read(ConnectionString ?? "");
                return null;
            }
            catch (ArgumentException e)
            {
                return $"Storage:ConnectionString: {e.Message}.";
            }
        }
    }
}

/// <summary>The databases to choose from.</summary>
public enum StorageProvider
{
    /// <summary>Embedded: the file <c>parley.db</c> in the data directory.</summary>
    Sqlite,

    /// <summary>A PostgreSQL server.</summary>
    PostgreSql,
}
