using Dapper;
using Microsoft.Data.Sqlite;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage;

/// <summary>
/// The embedded database, <c>parley.db</c> in the data directory. Any number of readers, one writer a process whose commits are shared (<see cref="WriteQueue"/>);
/// the command line opens the same file beside a running server.
/// </summary>
public sealed class Database : IAsyncDisposable, IDisposable
{
    /// <summary>The file's name.</summary>
    public const string FileName = "parley.db";

    private const string Key = "Server:DataDirectory";

    private readonly string _connectionString;
    private readonly SqliteConnection _writer;
    private readonly WriteQueue _writes;

    /// <summary>Opens the database, making or migrating it as needed.</summary>
    /// <exception cref="StartFailureException">The data directory cannot be written, or the file is no database of this version.</exception>
    public Database(XmppServerSettings settings)
    {
        var path = Path.Combine(settings.DataDirectory, FileName);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = path, ForeignKeys = true, DefaultTimeout = 15 }.ToString();
        try
        {
            Directory.CreateDirectory(settings.DataDirectory);
            MakeFile(path);
            _writer = Open();
            // FULL: a commit is on the disk when it returns, power cut or not.
            _writer.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            Migrate(_writer, path);
        }
        catch (Exception e) when (e is SqliteException or IOException or UnauthorizedAccessException)
        {
            _writer?.Dispose();
            throw new StartFailureException(Key, $"cannot use {path} ({e.Message}).", e);
        }

        _writes = new WriteQueue(_writer);
    }

    /// <summary>Reads on a connection of the caller's own.</summary>
    public T Read<T>(Func<SqliteConnection, T> read)
    {
        using var connection = Open();
        return read(connection);
    }

    /// <summary>Writes; durable when the task completes. Writes of several callers share a commit, one that throws undoes only itself.</summary>
    public ValueTask<T> WriteAsync<T>(Func<SqliteConnection, T> write, CancellationToken ct = default) => _writes.RunAsync(write, ct);

    /// <summary>A connection that the caller keeps and disposes.</summary>
    public SqliteConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    /// <summary>Finishes what is being written and closes.</summary>
    public async ValueTask DisposeAsync()
    {
        await _writes.DisposeAsync();
        _writer.Dispose();
        using var any = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(any);
    }

    /// <inheritdoc/>
    public void Dispose() => DisposeAsync().AsTask().GetAwaiter().GetResult();

    // It holds keys: readable by its owner only. SQLite gives its own files beside it the same mode.
    private static void MakeFile(string path)
    {
        if (File.Exists(path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(path, options).Dispose();
    }

    private static void Migrate(SqliteConnection connection, string path)
    {
        // Immediate: of two processes that start at once, the second finds the work done.
        connection.Execute("BEGIN IMMEDIATE");
        var version = connection.ExecuteScalar<int>("PRAGMA user_version");
        if (version > Migrations.Steps.Count)
        {
            connection.Execute("ROLLBACK");
            throw new StartFailureException(Key, $"{path} was written by a newer version of this program (schema {version}; this one knows {Migrations.Steps.Count}).");
        }

        for (var step = version; step < Migrations.Steps.Count; step++) connection.Execute(Migrations.Steps[step]);
        connection.Execute($"PRAGMA user_version = {Migrations.Steps.Count}; COMMIT");
    }
}
