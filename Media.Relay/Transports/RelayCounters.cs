namespace Parley.Media.Relay.Transports;

/// <summary>What one worker counts. Written on its thread, read from any.</summary>
internal sealed class RelayCounters
{
    private static readonly string[] Names = [.. Enum.GetNames<DropReason>().Select(NameOf)];

    private readonly long[] _dropped = new long[Names.Length];
    private long _packetsIn, _packetsOut, _faults;
    private int _conferences, _endpoints;

    /// <summary>RTP packets received and authentic.</summary>
    public long PacketsIn => Volatile.Read(ref _packetsIn);

    /// <summary>RTP packets sent, resends included.</summary>
    public long PacketsOut => Volatile.Read(ref _packetsOut);

    /// <summary>Faults of conferences that were caught and logged.</summary>
    public long Faults => Volatile.Read(ref _faults);

    /// <summary>Live conferences.</summary>
    public int Conferences => Volatile.Read(ref _conferences);

    /// <summary>Live endpoints.</summary>
    public int Endpoints => Volatile.Read(ref _endpoints);

    public void CountIn() => _packetsIn++;

    public void CountOut() => _packetsOut++;

    public void CountFault() => _faults++;

    public void Drop(DropReason reason) => _dropped[(int)reason]++;

    /// <summary>Takes over a count that another keeps.</summary>
    public void Set(DropReason reason, long count) => _dropped[(int)reason] = count;

    public void SetLive(int conferences, int endpoints)
    {
        Volatile.Write(ref _conferences, conferences);
        Volatile.Write(ref _endpoints, endpoints);
    }

    /// <summary>How often a reason came up.</summary>
    public long Dropped(DropReason reason) => Volatile.Read(ref _dropped[(int)reason]);

    /// <summary>Adds what was dropped to sums by name.</summary>
    public void AddTo(IDictionary<string, long> sums)
    {
        for (var i = 1; i < Names.Length; i++)
        {
            var count = Volatile.Read(ref _dropped[i]);
            if (count > 0) sums[Names[i]] = (sums.TryGetValue(Names[i], out var sum) ? sum : 0) + count;
        }
    }

    // StunForged is shown as stun-forged.
    private static string NameOf(string name) => string.Concat(name.Select((c, i) => char.IsAsciiLetterUpper(c) ? (i > 0 ? "-" : "") + char.ToLowerInvariant(c) : c.ToString()));
}
