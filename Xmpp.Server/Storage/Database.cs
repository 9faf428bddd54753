using System.Data.Common;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage;

/// <summary>The server's database: accounts and what belongs to them, and the tables of plugins. Any number of readers, one writer a process whose commits are shared (<see cref="WriteQueue"/>).</summary>
public sealed class Database : IAsyncDisposable, IDisposable
{
    private readonly WriteQueue _writes;

    /// <summary>Opens the database, making or migrating it as needed.</summary>
    /// <exception cref="StartFailureException">The database cannot be used, or is of a newer version.</exception>
    public Database(XmppServerSettings settings, ILogger<Database>? log = null)
    {
        Engine = settings.Storage.Provider == StorageProvider.PostgreSql ? new PostgreSqlEngine(settings.Storage) : new SqliteEngine(settings);
        DbConnection? writer = null;
        try
        {
            writer = Engine.OpenWriter();
            Migrator.Run(Engine, writer, Engine.Name, Migrations.Steps, Engine.ReadVersion, Engine.WriteVersion);
        }
        catch (Exception e) when (e is DbException or IOException or UnauthorizedAccessException or TimeoutException)
        {
            writer?.Dispose();
            throw new StartFailureException(Engine.Key, $"cannot use {Engine.Name} ({e.Message}).", e);
        }

        _writes = new WriteQueue(Engine, writer, log ?? NullLogger<Database>.Instance);
    }

    /// <summary>What is special about the chosen database.</summary>
    internal DatabaseEngine Engine { get; }

    /// <summary>Reads on a connection lent for the call.</summary>
    /// <exception cref="DbException">The database cannot be read.</exception>
    public ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct = default) => Engine.ReadAsync(read, ct);

    /// <summary>Reads on the caller's own thread, which waits: for what is read seldom by somebody who cannot wait otherwise.</summary>
    internal T ReadNow<T>(Func<DbConnection, T> read)
    {
        using var connection = Engine.Open();
        return read(connection);
    }

    /// <summary>Writes; durable when the task completes. Writes of several callers share a commit, one that throws undoes only itself.</summary>
    /// <param name="write">Has no effect but on the database: it may be called again, where another write of the same commit failed or the connection was lost.</param>
    /// <param name="ct">Ends the wait for a place in the queue.</param>
    /// <exception cref="DbException">The database cannot be written. Nothing of this call was, unless the connection broke while it was being committed.</exception>
    public ValueTask<T> WriteAsync<T>(Func<DbConnection, T> write, CancellationToken ct = default) => _writes.RunAsync(this, write, ct);

    /// <summary>The same for a plugin, whose tables nobody else writes.</summary>
    internal ValueTask<T> WriteAsync<T>(object plugin, Func<DbConnection, T> write, CancellationToken ct) => _writes.RunAsync(plugin, write, ct);

    /// <summary>Finishes what is being written and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync();
        await Engine.DisposeAsync();
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();
}
