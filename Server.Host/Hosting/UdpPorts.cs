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
/// <param name="Raw">Those of media without encryption; null where that is off.</param>
internal sealed record UdpPorts(PortRange? Media, PortRange? Turn, PortRange? Relay, PortRange? Raw)
{
    private const int MostWorkers = 8;

    /// <summary>Reads them from what plugins made of their sections.</summary>
    /// <param name="claimed">The sections.</param>
    /// <param name="hasRaw">Whether media without encryption is on.</param>
    public static UdpPorts Of(ClaimedSettings claimed, bool hasRaw)
    {
        PortRange? media = null;
        if (claimed.FindNumber("Media", "FirstPort") is { } first && claimed.FindNumber("Media", "Workers") is { } workers)
            media = new(first, first + (workers == 0 ? Math.Clamp(Environment.ProcessorCount, 1, MostWorkers) : workers) - 1);
        var raw = hasRaw ? Range(claimed, "Media", "RawPorts") : null;
        if (claimed.Find("Turn", "Enabled") != bool.TrueString) return new(media, null, null, raw);
        return new(media, claimed.FindNumber("Turn", "Port") is { } port ? new(port, port) : null, Range(claimed, "Turn", "RelayPorts"), raw);
    }

    /// <summary>Ports that two of them want, a line each that begins with one key and names the other.</summary>
    public IEnumerable<string> Clashes()
    {
        if (Overlap(Turn, Relay)) yield return $"Turn:Port: {Turn} lies within Turn:RelayPorts ({Relay}).";
        if (Overlap(Turn, Media)) yield return $"Turn:Port: {Turn} is one of the media ports ({Media}: Media:FirstPort, and one more for each further worker).";
        if (Overlap(Media, Relay)) yield return $"Media:FirstPort: the media ports ({Media}, one for each worker) share ports with Turn:RelayPorts ({Relay}).";
        if (Overlap(Raw, Turn)) yield return $"Media:RawPorts: Turn:Port ({Turn}) lies within {Raw}.";
        if (Overlap(Raw, Media)) yield return $"Media:RawPorts: {Raw} shares ports with the media ports ({Media}: Media:FirstPort, and one more for each further worker).";
        if (Overlap(Raw, Relay)) yield return $"Media:RawPorts: {Raw} shares ports with Turn:RelayPorts ({Relay}).";
    }

    private static PortRange? Range(ClaimedSettings claimed, string section, string key) =>
        claimed.Find(section, key)?.Split('-') is [var low, var high] && int.TryParse(low, NumberStyles.None, CultureInfo.InvariantCulture, out var from) && int.TryParse(high, NumberStyles.None, CultureInfo.InvariantCulture, out var to) ? new(from, to) : null;

    private static bool Overlap(PortRange? a, PortRange? b) => a is not null && b is not null && a.Overlaps(b);
}
