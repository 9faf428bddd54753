using System.Data.Common;

namespace Parley.Plugins.Archive;

/// <summary>Where the log has messages by their origin. A hint: it may name some that were undone, or are moved already. All but one method run inside writes, one after another.</summary>
internal sealed class LoggedOrigins
{
    private readonly Dictionary<OriginKey, (long Number, long Seq)> _all = [];
    private long _settled, _pruned;

    /// <summary>Reads what the log has.</summary>
    public static LoggedOrigins Read(DbConnection connection)
    {
        var origins = new LoggedOrigins();
        using var select = new Statement(connection, "SELECT owner, origin, id, seq FROM archive_log WHERE origin IS NOT NULL");
        using var row = select.Read();
        while (row.Read()) origins.Add(new OriginKey(row.GetInt64(0), row.GetFieldValue<byte[]>(1)), row.GetInt64(2), row.GetInt64(3));
        return origins;
    }

    /// <summary>Notes one.</summary>
    public void Add(OriginKey origin, long number, long seq)
    {
        var settled = Volatile.Read(ref _settled);
        if (settled > _pruned)
        {
            _pruned = settled;
            foreach (var (key, (_, at)) in _all)
            {
                if (at <= settled) _all.Remove(key);
            }
        }

        _all[origin] = (number, seq);
    }

    /// <summary>Where one is; null if it is not known to be in the log.</summary>
    public (long Number, long Seq)? Find(OriginKey origin) => _all.TryGetValue(origin, out var found) ? found : null;

    /// <summary>All up to there are in their places, which is durable. From any thread.</summary>
    public void Settled(long seq) => Volatile.Write(ref _settled, Math.Max(seq, Volatile.Read(ref _settled)));
}
