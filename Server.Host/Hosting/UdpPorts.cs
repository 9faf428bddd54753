using System.Globalization;
using Parley.Server.Host.Plugins;

namespace Parley.Server.Host.Hosting;

/// <summary>A range of ports, as a firewall takes it.</summary>
/// <param name="First">The first.</param>
/// <param name="Last">The last.</param>
internal sealed record PortRange(int First, int Last)
{
    /// <summary>Whether two ranges share a port.</summary>
    public bool Overlaps(PortRange other) => First <= other.Last && other.First <= Last;

    /// <inheritdoc/>
    public override string ToString() => First == Last ? First.ToString(CultureInfo.InvariantCulture) : string.Create(CultureInfo.InvariantCulture, $"{First}-{Last}");
}

/// <summary>The UDP ports that media and TURN take.</summary>
/// <param name="Media">A port for each worker; null where media is off.</param>
/// <param name="Turn">TURN's own; null where it is off.</param>
/// <param name="Relay">Those of its allocations.</param>
internal sealed record UdpPorts(PortRange? Media, PortRange? Turn, PortRange? Relay)
{
    private const int MostWorkers = 8;

    /// <summary>Reads them from what plugins made of their sections.</summary>
    public static UdpPorts Of(ClaimedSettings claimed)
    {
        PortRange? media = null;
        if (claimed.FindNumber("Media", "FirstPort") is { } first && claimed.FindNumber("Media", "Workers") is { } workers)
            media = new(first, first + (workers == 0 ? Math.Clamp(Environment.ProcessorCount, 1, MostWorkers) : workers) - 1);
        if (claimed.Find("Turn", "Enabled") != bool.TrueString) return new(media, null, null);
        PortRange? relay = null;
        if (claimed.Find("Turn", "RelayPorts")?.Split('-') is [var low, var high] && int.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out var to))
            relay = new(from, to);
        return new(media, claimed.FindNumber("Turn", "Port") is { } port ? new(port, port) : null, relay);
    }

    /// <summary>Ports that two of them want, a line each that begins with one key and names the other.</summary>
    public IEnumerable<string> Clashes()
    {
        if (Overlap(Turn, Relay)) yield return $"Turn:Port: {Turn} lies within Turn:RelayPorts ({Relay}).";
        if (Overlap(Turn, Media)) yield return $"Turn:Port: {Turn} is one of the media ports ({Media}: Media:FirstPort, and one more for each further worker).";
        if (Overlap(Media, Relay)) yield return $"Media:FirstPort: the media ports ({Media}, one for each worker) share ports with Turn:RelayPorts ({Relay}).";
    }

    private static bool Overlap(PortRange? a, PortRange? b) => a is not null && b is not null && a.Overlaps(b);
}
