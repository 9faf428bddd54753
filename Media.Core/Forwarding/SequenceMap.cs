namespace Parley.Media.Core.Forwarding;

/// <summary>
/// Which outgoing sequence number (extended) stands for which position of the source, both ways. A number is given when its turn comes, also to packets that are
/// missing: they may still arrive, and receivers are to notice the hole. What is void gets none, so that its absence is not taken for loss.
/// </summary>
internal sealed class SequenceMap
{
    private const long None = -1;

    /// <summary>How far behind the highest a number may still be sent for the first time: SRTP remembers 960 indices and refuses older ones.</summary>
    private const long MaxLate = 900;

    private readonly Forward[] _bySource;
    private readonly Backward[] _byOutgoing;
    private readonly (long Outgoing, long Ms)[] _resentMs;
    private readonly int _mask;
    private long _highestSource = None, _start = long.MaxValue, _startOutgoing = long.MaxValue;

    public SequenceMap(int slots, ushort first)
    {
        (_bySource, _byOutgoing, _resentMs, _mask) = (new Forward[slots], new Backward[slots], new (long, long)[slots], slots - 1);
        HighestOutgoing = first - 1L;
        Forget();
    }

    /// <summary>The highest number given.</summary>
    public long HighestOutgoing { get; private set; }

    /// <summary>Another source begins, at a position.</summary>
    public void Start(long source)
    {
        Forget();
        (_start, _highestSource, _startOutgoing) = (source, source - 1, HighestOutgoing + 1);
    }

    /// <summary>The number of a position; false if it has none: void, or from before the start.</summary>
    public bool TryMap(long source, bool isVoid, out long outgoing)
    {
        outgoing = None;
        if (source < _start) return false;
        if (source > _highestSource)
        {
            // More than the ring holds will not come any more: no numbers for those.
            for (var missing = Math.Max(_highestSource + 1, source - _mask); missing < source; missing++) Give(missing);
            _highestSource = source;
            if (isVoid) _bySource[source & _mask] = new() { Source = source, Outgoing = None };
            else Give(source);
        }

        ref var entry = ref _bySource[source & _mask];
        outgoing = entry.Source == source && !isVoid ? entry.Outgoing : None;
        return outgoing != None;
    }

    /// <summary>What a sequence number on the wire stands for; false if it is not of this source, or too old.</summary>
    public bool TryFind(ushort sequence, out long outgoing, out long source)
    {
        outgoing = HighestOutgoing + (short)(sequence - (ushort)HighestOutgoing);
        source = None;
        if (outgoing < _startOutgoing || outgoing > HighestOutgoing) return false;
        ref var entry = ref _byOutgoing[outgoing & _mask];
        source = entry.Source;
        return entry.Is(outgoing);
    }

    /// <summary>Notes a first sending; false if it was sent before, or comes too late to be protected.</summary>
    public bool TryMarkSent(long outgoing)
    {
        ref var entry = ref _byOutgoing[outgoing & _mask];
        if (!entry.Is(outgoing) || entry.IsSent || HighestOutgoing - outgoing > MaxLate) return false;
        entry.MarkSent();
        return true;
    }

    /// <summary>Whether it was sent.</summary>
    public bool IsSent(long outgoing) => _byOutgoing[outgoing & _mask].IsSent;

    /// <summary>Whether a resend is not too soon after the last; notes it.</summary>
    public bool TryResend(long outgoing, long nowMs, long intervalMs)
    {
        ref var last = ref _resentMs[outgoing & _mask];
        if (last.Outgoing == outgoing && nowMs - last.Ms < intervalMs) return false;
        last = (outgoing, nowMs);
        return true;
    }

    private void Give(long source)
    {
        var outgoing = ++HighestOutgoing;
        _bySource[source & _mask] = new() { Source = source, Outgoing = outgoing };
        _byOutgoing[outgoing & _mask] = new(outgoing, source);
    }

    private void Forget()
    {
        foreach (ref var entry in _bySource.AsSpan()) entry.Source = None;
        _byOutgoing.AsSpan().Fill(new(None, None));
    }

    private struct Forward
    {
        public long Source, Outgoing;
    }

    // Small, as each packet of each receiver touches one.
    private struct Backward(long outgoing, long source)
    {
        private long _outgoingAndSent = outgoing << 1;

        public readonly long Source => source;

        public readonly bool IsSent => (_outgoingAndSent & 1) != 0;

        public readonly bool Is(long outgoing) => _outgoingAndSent >> 1 == outgoing;

        public void MarkSent() => _outgoingAndSent |= 1;
    }
}
