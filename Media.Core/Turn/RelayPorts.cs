namespace Parley.Media.Core.Turn;

/// <summary>Finds free ports in the relay range, from a random one on: a port that the last allocation just gave up is rarely the next one's (RFC 8656 section 7.2).</summary>
internal sealed class RelayPorts(TurnState state)
{
    // Ports that other programs hold are found out only by trying.
    private const int MaxTries = 64;

    private TurnSettings Settings => state.Shared.Settings;

    /// <summary>Binds a port; null if none can be had.</summary>
    public RelayPort? Open(bool isIPv6, bool isEven = false)
    {
        var tries = MaxTries;
        foreach (var port in Candidates(isEven))
        {
            if (IsBound(port, isIPv6)) continue;
            if (TryOpen(port, isIPv6) is { } relay) return relay;
            if (--tries == 0) break;
        }

        return null;
    }

    /// <summary>Binds an even port and the one above.</summary>
    public (RelayPort Even, RelayPort Above)? OpenPair(bool isIPv6)
    {
        var tries = MaxTries;
        foreach (var port in Candidates(isEven: true))
        {
            if (port == Settings.LastPort || IsBound(port, isIPv6) || IsBound(port + 1, isIPv6)) continue;
            if (TryOpen(port, isIPv6) is { } even)
            {
                if (TryOpen((ushort)(port + 1), isIPv6) is { } above) return (even, above);
                Close(even);
            }

            if (--tries == 0) break;
        }

        return null;
    }

    /// <summary>Closes a port that no account was charged for.</summary>
    public void Close(RelayPort relay)
    {
        relay.Close();
        state.Shared.Bound.Remove(relay.Port, relay.IsIPv6);
    }

    private IEnumerable<ushort> Candidates(bool isEven)
    {
        var count = Settings.LastPort - Settings.FirstPort + 1;
        var start = state.Random.Next(count);
        for (var i = 0; i < count; i++)
        {
            var port = Settings.FirstPort + ((start + i) % count);
            if (!isEven || (port & 1) == 0) yield return (ushort)port;
        }
    }

    private bool IsBound(int port, bool isIPv6) => state.Shared.Bound.Contains(port, isIPv6);

    private RelayPort? TryOpen(ushort port, bool isIPv6)
    {
        var relay = state.Sink.Open(port, isIPv6);
        if (relay is not null) state.Shared.Bound.Add(port, isIPv6);
        return relay;
    }
}
