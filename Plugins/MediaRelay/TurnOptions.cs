using System.Globalization;
using System.Net;

namespace Parley.Plugins.MediaRelay;

/// <summary>The section <c>Turn</c>.</summary>
public sealed class TurnOptions
{
    /// <summary>The keys of the listeners.</summary>
    internal const string PortKey = "Turn:Port", TlsPortKey = "Turn:TlsPort", ShareHttpsKey = "Turn:ShareHttps";

    /// <summary>Whether the STUN and TURN server runs.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Its UDP port, and the TCP port of the same number.</summary>
    public int Port { get; set; } = 3478;

    /// <summary>The TCP port of TURN over TLS; 0 for none.</summary>
    public int TlsPort { get; set; } = 5349;

    /// <summary>Whether TURN over TLS is served at the port of HTTPS too, which gets through where nothing but the web does.</summary>
    public bool ShareHttps { get; set; } = true;

    /// <summary>The host name that clients are told for TURN over TLS, one of the certificate's; null: the domain that they ask.</summary>
    public string? TlsHost { get; set; }

    /// <summary>Clients over TCP and TLS at once.</summary>
    public int MaxConnections { get; set; } = 5000;

    /// <summary>Of these, the most from one address (of IPv6, one /64); loopback is not counted.</summary>
    public int ConnectionsPerAddress { get; set; } = 200;

    /// <summary>The UDP ports of allocations, first and last.</summary>
    public string RelayPorts { get; set; } = "49152-65535";

    /// <summary>Ranges of peers that may be reached at any port, private addresses among them.</summary>
    public IList<string> AllowedPeers { get; init; } = [];

    /// <summary>How many allocations an account may hold at once.</summary>
    public int AllocationsPerAccount { get; set; } = 50;

    /// <summary>How many the guests of one network, a /24 or /56, may hold together.</summary>
    public int AllocationsPerGuestGroup { get; set; } = 200;

    /// <summary>How many the guests in one call room may hold together, wherever they come from.</summary>
    public int AllocationsPerGuestRoom { get; set; } = 400;

    /// <summary>Bytes of data a second that an account may have relayed, both ways together; a second's worth may come at once. 0: no limit.</summary>
    public long BytesPerSecondPerAccount { get; set; } = 16_000_000;

    /// <summary>Datagrams a second, likewise.</summary>
    public long PacketsPerSecondPerAccount { get; set; } = 20_000;

    /// <summary>Bytes a second of the guests of one network together.</summary>
    public long BytesPerSecondPerGuestGroup { get; set; } = 64_000_000;

    /// <summary>Datagrams a second, likewise.</summary>
    public long PacketsPerSecondPerGuestGroup { get; set; } = 80_000;

    /// <summary>The longest lifetime that one request gives an allocation; its client may refresh it.</summary>
    public TimeSpan MaxLifetime { get; set; } = TimeSpan.FromHours(1);

    /// <summary>Whether accounts may have TCP allocations, connections with peers over TCP (RFC 6062).</summary>
    public bool TcpAllocations { get; set; } = true;

    /// <summary>How many connections with peers one of these may have.</summary>
    public int ConnectionsPerAllocation { get; set; } = 32;

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(TurnOptions options)
    {
        if (options.Port is < 1 or > 65535) yield return "Port: must be between 1 and 65535";
        if (options.TlsPort is < 0 or > 65535) yield return "TlsPort: must be between 1 and 65535, or 0";
        if (!TryReadPorts(options.RelayPorts, out _, out _)) yield return "RelayPorts: must be two ports from 1024 on, such as 49152-65535, the first even and at least one below the last";
        for (var i = 0; i < options.AllowedPeers.Count; i++)
        {
            if (!IPNetwork.TryParse(options.AllowedPeers[i], out _)) yield return $"AllowedPeers:{i}: must be a range of addresses, such as 10.1.2.0/24";
        }

        if (options.TlsHost is { } host && Uri.CheckHostName(host) == UriHostNameType.Unknown) yield return "TlsHost: must be a host name, such as turn.example.org";
        if (options.MaxConnections is < 1 or > 100_000) yield return "MaxConnections: must be between 1 and 100000";
        if (options.ConnectionsPerAddress is < 1 or > 100_000) yield return "ConnectionsPerAddress: must be between 1 and 100000";
        if (options.ConnectionsPerAllocation is < 1 or > 1000) yield return "ConnectionsPerAllocation: must be between 1 and 1000";
        if (!IsRate(options.BytesPerSecondPerAccount)) yield return "BytesPerSecondPerAccount: must be between 1 and 1000000000000, or 0 for no limit";
        if (!IsRate(options.PacketsPerSecondPerAccount)) yield return "PacketsPerSecondPerAccount: must be between 1 and 1000000000000, or 0 for no limit";
        if (!IsRate(options.BytesPerSecondPerGuestGroup)) yield return "BytesPerSecondPerGuestGroup: must be between 1 and 1000000000000, or 0 for no limit";
        if (!IsRate(options.PacketsPerSecondPerGuestGroup)) yield return "PacketsPerSecondPerGuestGroup: must be between 1 and 1000000000000, or 0 for no limit";
        if (options.MaxLifetime < TimeSpan.FromMinutes(10) || options.MaxLifetime > TimeSpan.FromDays(1)) yield return "MaxLifetime: must be between 00:10:00 and 1.00:00:00";
        if (options.AllocationsPerAccount is < 1 or > 100_000) yield return "AllocationsPerAccount: must be between 1 and 100000";
        if (options.AllocationsPerGuestGroup is < 1 or > 100_000) yield return "AllocationsPerGuestGroup: must be between 1 and 100000";
        if (options.AllocationsPerGuestRoom is < 1 or > 100_000) yield return "AllocationsPerGuestRoom: must be between 1 and 100000";
    }

    private static bool IsRate(long perSecond) => perSecond is >= 0 and <= 1_000_000_000_000;

    /// <summary>Reads a range of ports.</summary>
    internal static bool TryReadPorts(string? text, out ushort first, out ushort last)
    {
        (first, last) = (0, 0);
        var parts = (text ?? "").Split('-');
        return parts.Length == 2
            && ushort.TryParse(parts[0], NumberStyles.None, CultureInfo.InvariantCulture, out first)
            && ushort.TryParse(parts[1], NumberStyles.None, CultureInfo.InvariantCulture, out last)
            && first >= 1024 && first < last && (first & 1) == 0;
    }
}
