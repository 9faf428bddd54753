using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Storage;

/// <summary>The embedded database, <c>parley.db</c> in the data directory. Any number of readers and one writer a process; the command line opens the same file beside a running server.</summary>
internal sealed class SqliteEngine : DatabaseEngine
{
    /// <summary>The file's name.</summary>
    public const string FileName = "parley.db";

    private readonly string _directory;
    private readonly string _path;
    private readonly string _connectionString;

    public SqliteEngine(XmppServerSettings settings)
    {
        _directory = settings.DataDirectory;
        _path = Path.Combine(_directory, FileName);
        _connectionString = new SqliteConnectionStringBuilder { DataSource = _path, ForeignKeys = true, DefaultTimeout = 15 }.ToString();
    }

    /// <inheritdoc/>
    public override string Key => "Server:DataDirectory";

    /// <inheritdoc/>
    public override string Name => _path;

    /// <inheritdoc/>
    public override string BeginMigration => "BEGIN IMMEDIATE";

    /// <inheritdoc/>
    public override DbConnection Open()
    {
        var connection = new SqliteConnection(_connectionString);
        connection.Open();
        return connection;
    }

    /// <inheritdoc/>
    public override DbConnection OpenWriter()
    {
        Directory.CreateDirectory(_directory);
        MakeFile();
        var connection = Open();
        try
        {
            // FULL: a commit is on the disk when it returns, power cut or not.
            connection.Execute("PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL;");
            // Of the writer alone: pages that many people's messages go to stay in memory (KiB), and are copied into the file once for many commits (pages).
            connection.Execute("PRAGMA cache_size = -16384; PRAGMA wal_autocheckpoint = 4000; PRAGMA temp_store = MEMORY;");
            return connection;
        }
        catch (SqliteException)
        {
            connection.Dispose();
            throw;
        }
    }

    /// <inheritdoc/>
    public override ValueTask<T> ReadAsync<T>(Func<DbConnection, T> read, CancellationToken ct)
    {
        // Pages are in memory or a moment away: a change of threads would cost more than the read.
        ct.ThrowIfCancellationRequested();
        using var connection = Open();
        return new(read(connection));
    }

    /// <inheritdoc/>
    public override string Translate(string step) => step
        .Replace("{id}", "INTEGER PRIMARY KEY AUTOINCREMENT", StringComparison.Ordinal)
        .Replace("{blob}", "BLOB", StringComparison.Ordinal)
        .Replace("{clustered}", "WITHOUT ROWID", StringComparison.Ordinal);

    /// <inheritdoc/>
    public override int ReadVersion(DbConnection connection) => connection.ExecuteScalar<int>("PRAGMA user_version");

    /// <inheritdoc/>
    public override void WriteVersion(DbConnection connection, int version) => connection.Execute($"PRAGMA user_version = {version}");

    /// <inheritdoc/>
    public override void Begin(DbConnection connection) => connection.Execute("BEGIN IMMEDIATE");

    /// <inheritdoc/>
    public override void Commit(DbConnection connection) => connection.Execute("COMMIT");

    /// <inheritdoc/>
    public override void Rollback(DbConnection connection)
    {
        // Some failures end the transaction by themselves; then there is nothing left to roll back.
        if (SQLitePCL.raw.sqlite3_get_autocommit(((SqliteConnection)connection).Handle) == 0) connection.Execute("ROLLBACK");
    }

    /// <inheritdoc/>
    public override ValueTask DisposeAsync()
    {
        using var any = new SqliteConnection(_connectionString);
        SqliteConnection.ClearPool(any);
        return ValueTask.CompletedTask;
    }

    // It holds keys: readable by its owner only. SQLite gives its own files beside it the same mode.
    private void MakeFile()
    {
        if (File.Exists(_path)) return;
        var options = new FileStreamOptions { Mode = FileMode.OpenOrCreate, Access = FileAccess.ReadWrite, Share = FileShare.ReadWrite };
        if (!OperatingSystem.IsWindows()) options.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        new FileStream(_path, options).Dispose();
    }
}
