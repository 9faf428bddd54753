namespace Parley.Plugins.FocusAgent;

/// <summary>What came of calls since the start, for status and metrics. From any thread.</summary>
public sealed class CallFigures
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, long> _refused = new(StringComparer.Ordinal);
    private long _removed;

    /// <summary>People whom a moderator, or the chat room that the call is tied to, put out.</summary>
    public long Removed => Interlocked.Read(ref _removed);

    /// <summary>Calls that were not let in, by the reason: <c>full</c>, <c>closed</c> (who may not call any room), <c>unsupported</c> (nothing in common), <c>lobby-full</c>, or moderation's own word, as <c>locked</c>.</summary>
    public IReadOnlyDictionary<string, long> Refused
    {
        get
        {
            lock (_gate) return new Dictionary<string, long>(_refused);
        }
    }

    /// <summary>Somebody was put out.</summary>
    public void CountRemoved() => Interlocked.Increment(ref _removed);

    /// <summary>A call was not let in.</summary>
    public void CountRefused(string reason)
    {
        lock (_gate) _refused[reason] = _refused.GetValueOrDefault(reason) + 1;
    }
}
