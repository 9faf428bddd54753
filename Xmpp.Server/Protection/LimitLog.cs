using Microsoft.Extensions.Logging;

namespace Parley.Xmpp.Server.Protection;

/// <summary>
/// Tells the operator which limits are met, and by whom: at once when it begins, and once a minute how often it went on. An attack from many addresses names some of them and counts
/// the others together, so that the log is not what it fills.
/// </summary>
internal sealed class LimitLog(ILogger<LimitLog> log, TimeProvider time)
{
    /// <summary>How many are named of each limit in a minute.</summary>
    public const int MostNamed = 20;

    private const string Others = "others";

    private static readonly TimeSpan Window = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<(MetLimit Limit, string Whom), Entry> _entries = [];
    private readonly Dictionary<MetLimit, int> _named = [];

    /// <summary>Somebody met a limit.</summary>
    /// <param name="limit">Which.</param>
    /// <param name="whom">An address, an account, or both.</param>
    public void Tell(MetLimit limit, object? whom)
    {
        var name = whom?.ToString() ?? "nobody known";
        lock (_gate)
        {
            if (!_entries.TryGetValue((limit, name), out var entry))
            {
                var named = _named.GetValueOrDefault(limit);
                if (named >= MostNamed && !_entries.TryGetValue((limit, name = Others), out entry)) entry = Add(limit, name);
                else if (entry is null)
                {
                    entry = Add(limit, name);
                    _named[limit] = named + 1;
                }
            }

            entry.Count++;
            if (entry.IsTold || entry.Count < limit.Least) return;
            (entry.IsTold, entry.Told) = (true, entry.Count);
        }

        // 260 and on: whoever protects this machine by what the log says looks for these numbers.
        log.LogWarning(limit.EventId, "Limit met by {Whom}: {What}", name, limit.Text);
    }

    /// <summary>Says how it went on where a minute is over. Once a second or so.</summary>
    public void LookAt(long now)
    {
        List<(MetLimit Limit, string Whom, int More)>? more = null;
        lock (_gate)
        {
            foreach (var (key, entry) in _entries)
            {
                if (time.GetElapsedTime(entry.Since, now) < Window) continue;
                var untold = entry.IsTold ? entry.Count - entry.Told : 0;
                if (untold > 0) (more ??= []).Add((key.Limit, key.Whom, untold));
                // Below its least it was nothing; told and over, the next time begins anew.
                if (untold > 0) (entry.Since, entry.Told) = (now, entry.Count);
                else Remove(key);
            }
        }

        foreach (var (limit, whom, count) in more ?? []) log.LogWarning(limit.EventId, "Limit met by {Whom} {Count} times more within a minute: {What}", whom, count, limit.Text);
    }

    private Entry Add(MetLimit limit, string whom) => _entries[(limit, whom)] = new Entry { Since = time.GetTimestamp() };

    private void Remove((MetLimit Limit, string Whom) key)
    {
        _entries.Remove(key);
        if (key.Whom != Others) _named[key.Limit]--;
    }

    private sealed class Entry
    {
        public long Since { get; set; }

        public int Count { get; set; }

        public int Told { get; set; }

        public bool IsTold { get; set; }
    }
}
