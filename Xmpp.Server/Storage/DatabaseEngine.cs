using System.Data.Common;

namespace Parley.Xmpp.Server.Storage;

/// <summary>What the databases that can be chosen do differently. Statements are the same for all of them.</summary>
internal abstract class DatabaseEngine : IAsyncDisposable
{
    /// <summary>The setting to name where the database cannot be used.</summary>
    public abstract string Key { get; }

    /// <summary>The database as messages name it; never with a password.</summary>
    public abstract string Name { get; }

    /// <summary>The statements that begin a transaction which keeps out every other of these: of two processes that start at once, the second finds the schema made.</summary>
    public abstract string BeginMigration { get; }

    /// <summary>Opens a connection for reading; the caller disposes it.</summary>
    public abstract DbConnection Open();

    /// <summary>Opens the connection that writes; durable at every commit.</summary>
    public abstract DbConnection OpenWriter();

    /// <summary>Reads on a connection lent for the call.</summary>
    public abstract ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct);

    /// <summary>A step of a schema in the words of this database: <c>{id}</c>, <c>{blob}</c> and <c>{clustered}</c> are replaced.</summary>
    public abstract string Translate(string step);

    /// <summary>The version of the server's own schema, 0 if there is none yet; inside a migration's transaction.</summary>
    public abstract int ReadVersion(DbConnection connection);

    /// <summary>Notes the version of the server's own schema, inside a migration's transaction.</summary>
    public abstract void WriteVersion(DbConnection connection, int version);

    /// <summary>Begins a transaction of the writer.</summary>
    public abstract void Begin(DbConnection connection);

    /// <summary>Commits it; on the disk when this returns.</summary>
    public abstract void Commit(DbConnection connection);

    /// <summary>Ends a transaction that failed, where the failure did not end it.</summary>
    public abstract void Rollback(DbConnection connection);

    /// <inheritdoc/>
    public abstract ValueTask DisposeAsync();
}
