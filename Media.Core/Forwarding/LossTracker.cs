namespace Parley.Media.Core.Forwarding;

/// <summary>Packets that are missing and asked for again (RFC 4585): each after a moment that reordering may take, then every round trip, a bounded number of times.</summary>
internal sealed class LossTracker
{
    private const int Max = 256, MaxTries = 10;
    private const long ReorderMs = 10, MinRetryMs = 40, MaxAgeMs = 1_500;

    private readonly Missing[] _missing = new Missing[Max];
    private int _count;

    /// <summary>How many are missing.</summary>
    public int Count => _count;

    /// <summary>Notes that the positions from one up to, not including, another are missing; false if they are too many to ask for.</summary>
    public bool Add(long from, long to, long nowMs)
    {
        if (to - from > Max - _count)
        {
            _count = 0;
            return false;
        }

        for (var position = from; position < to; position++) _missing[_count++] = new() { Position = position, SinceMs = nowMs, NextMs = nowMs + ReorderMs };
        return true;
    }

    /// <summary>It came.</summary>
    public void Remove(long position)
    {
        for (var i = 0; i < _count; i++)
        {
            if (_missing[i].Position != position) continue;
            _missing.AsSpan(i + 1, _count - i - 1).CopyTo(_missing.AsSpan(i));
            _count--;
            return;
        }
    }

    /// <summary>Takes the sequence numbers to ask for now, in ascending order.</summary>
    public int TakeDue(Span<ushort> lost, long nowMs, long roundTripMs)
    {
        var (kept, due) = (0, 0);
        for (var i = 0; i < _count; i++)
        {
            ref var missing = ref _missing[i];
            if (missing.Tries >= MaxTries || nowMs - missing.SinceMs > MaxAgeMs) continue;
            if (nowMs >= missing.NextMs && due < lost.Length)
            {
                lost[due++] = (ushort)missing.Position;
                missing.Tries++;
                missing.NextMs = nowMs + Math.Max(MinRetryMs, roundTripMs + ReorderMs);
            }

            _missing[kept++] = missing;
        }

        _count = kept;
        return due;
    }

    private struct Missing
    {
        public long Position, SinceMs, NextMs;
        public int Tries;
    }
}
