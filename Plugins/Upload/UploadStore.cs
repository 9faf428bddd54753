using Dapper;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Upload;

/// <summary>What is known of files, in the database.</summary>
internal sealed class UploadStore(IPluginDatabase database)
{
    private const string Columns = "key AS Key, account AS Account, name AS Name, type AS Type, size AS Size, created AS Created, expires AS Expires, lasts_until AS LastsUntil";
    // Of what is gone nothing is left but that it was uploaded within the last 24 hours.
    private const int Waiting = 0, Stored = 1, Arriving = 2, Gone = 3;
    private static readonly long Day = (long)TimeSpan.FromDays(1).TotalMilliseconds;

    /// <summary>The schema.</summary>
    public static readonly string[] Steps =
    [
        """
        CREATE TABLE upload_files (
            key TEXT PRIMARY KEY,
            put_key TEXT NOT NULL UNIQUE,
            account TEXT NOT NULL REFERENCES accounts (account) ON DELETE CASCADE,
            name TEXT NOT NULL,
            type TEXT,
            size BIGINT NOT NULL,
            created BIGINT NOT NULL,
            expires BIGINT NOT NULL,
            lasts_until BIGINT,
            state INTEGER NOT NULL)
        """,
        "CREATE INDEX upload_files_by_account ON upload_files (account, created)",
        "CREATE INDEX upload_files_by_expiry ON upload_files (expires)",
    ];

    /// <summary>Adds a slot where the account's quotas have room for it.</summary>
    /// <returns>Why not, and when there may be room again, in Unix milliseconds.</returns>
    public ValueTask<(SlotRefusal Refusal, long Retry)> AddSlotAsync(StoredFile file, string putKey, UploadOptions options, CancellationToken ct) => database.WriteAsync(c =>
    {
        var since = file.Created - Day;
        var all = c.QuerySingle<Use>($"SELECT COUNT(*) AS Files, COALESCE(SUM(size), 0) AS Bytes, COALESCE(MIN(expires), 0) AS First FROM upload_files WHERE account = @Account AND state <> {Gone}", file);
        if (all.Bytes + file.Size > options.BytesPerAccount) return (SlotRefusal.Total, all.First);
        var day = c.QuerySingle<Use>("SELECT COUNT(*) AS Files, COALESCE(SUM(size), 0) AS Bytes, COALESCE(MIN(created), 0) AS First FROM upload_files WHERE account = @Account AND created > @since", new { file.Account, since });
        if (day.Bytes + file.Size > options.BytesPerDay || day.Files >= options.FilesPerDay) return (SlotRefusal.Daily, day.First + Day);
        c.Execute(
            $"INSERT INTO upload_files (key, put_key, account, name, type, size, created, expires, lasts_until, state) VALUES (@Key, @putKey, @Account, @Name, @Type, @Size, @Created, @Expires, @LastsUntil, {Waiting})",
            new { file.Key, putKey, file.Account, file.Name, file.Type, file.Size, file.Created, file.Expires, file.LastsUntil });
        return (SlotRefusal.None, 0L);
    }, ct);

    /// <summary>The slot that a PUT names, if it may be used still.</summary>
    public ValueTask<StoredFile?> FindSlotAsync(string putKey, long now, CancellationToken ct) =>
        database.ReadAsync(c => c.QueryFirstOrDefault<StoredFile>($"SELECT {Columns} FROM upload_files WHERE put_key = @putKey AND state = {Waiting} AND expires > @now", new { putKey, now }), ct);

    /// <summary>Takes a slot for one upload, which may last until a time; false if it is taken or over.</summary>
    public ValueTask<bool> TakeSlotAsync(string key, long now, long until, CancellationToken ct) =>
        database.WriteAsync(c => c.Execute($"UPDATE upload_files SET state = {Arriving}, expires = @until WHERE key = @key AND state = {Waiting} AND expires > @now", new { key, now, until }) == 1, ct);

    /// <summary>Gives a slot back: nothing came of the upload.</summary>
    public async ValueTask ReturnSlotAsync(StoredFile slot) =>
        await database.WriteAsync(c => c.Execute($"UPDATE upload_files SET state = {Waiting}, expires = @Expires WHERE key = @Key AND state = {Arriving}", slot), CancellationToken.None);

    /// <summary>The file is there; false if its slot is gone meanwhile, with its account.</summary>
    public ValueTask<bool> CompleteAsync(string key, string? type, long expires) =>
        database.WriteAsync(c => c.Execute($"UPDATE upload_files SET state = {Stored}, type = @type, expires = @expires WHERE key = @key AND state = {Arriving}", new { key, type, expires }) == 1, CancellationToken.None);

    /// <summary>A file that is there and has not expired.</summary>
    public ValueTask<StoredFile?> FindFileAsync(string key, long now, CancellationToken ct) =>
        database.ReadAsync(c => c.QueryFirstOrDefault<StoredFile>($"SELECT {Columns} FROM upload_files WHERE key = @key AND state = {Stored} AND expires > @now", new { key, now }), ct);

    /// <summary>Keys of slots and files that are over, and of what is gone and counts no more.</summary>
    public ValueTask<IReadOnlyList<string>> ExpiredAsync(long now, int limit, CancellationToken ct) =>
        database.ReadAsync<IReadOnlyList<string>>(c => c.Query<string>("SELECT key FROM upload_files WHERE expires <= @now ORDER BY expires LIMIT @limit", new { now, limit }).AsList(), ct);

    /// <summary>Forgets them; but what was uploaded counts for its account's day until that is over, however soon the file went. Slots that nobody used count no more.</summary>
    public async ValueTask RemoveAsync(IReadOnlyList<string> keys, long now, CancellationToken ct) => await database.WriteAsync(c =>
    {
        var rows = keys.Select(key => new { key, now, Day }).ToList();
        c.Execute($"UPDATE upload_files SET state = {Gone}, expires = created + @Day WHERE key = @key AND state IN ({Stored}, {Arriving}) AND created + @Day > @now", rows);
        return c.Execute($"DELETE FROM upload_files WHERE key = @key AND (state <> {Gone} OR expires <= @now)", rows);
    }, ct);

    /// <summary>Which of some keys have a slot or a file.</summary>
    public ValueTask<IReadOnlySet<string>> KnownAsync(IReadOnlyList<string> keys, CancellationToken ct) =>
        // One by one: the databases differ in how a list is named.
        database.ReadAsync<IReadOnlySet<string>>(c => keys.Where(key => c.ExecuteScalar<int>($"SELECT COUNT(*) FROM upload_files WHERE key = @key AND state <> {Gone}", new { key }) > 0).ToHashSet(StringComparer.Ordinal), ct);

    /// <summary>How many files and slots there are, and what they take.</summary>
    public ValueTask<(long Files, long Bytes)> CountAsync(CancellationToken ct) => database.ReadAsync(c =>
    {
        var use = c.QuerySingle<Use>($"SELECT COUNT(*) AS Files, COALESCE(SUM(size), 0) AS Bytes, 0 AS First FROM upload_files WHERE state <> {Gone}");
        return (use.Files, use.Bytes);
    }, ct);

    // PostgreSQL sums into another type than SQLite: settable members convert, a constructor's parameters would not.
    private sealed class Use
    {
        public long Files { get; init; }

        public long Bytes { get; init; }

        public long First { get; init; }
    }
}
