using System.Net;
using System.Net.Sockets;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent;

/// <summary>The section <c>Plugins:FocusAgent:RawUdp</c>: plain RTP for gateways and media tools on trusted networks (docs/legs/raw-udp.md).</summary>
public sealed class RawUdpOptions
{
    // Larger networks are no networks that anybody can trust as a whole.
    private const int ShortestIPv4 = 8, ShortestIPv6 = 16;

    /// <summary>Whether there is such a thing at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>The networks in which peers may be.</summary>
    public IList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Of these, the networks whose addresses are sent media unasked; elsewhere a peer must send first.</summary>
    public IList<string> TrustedNetworks { get; init; } = [];

    /// <summary>Who may call a room without encryption, and connect tools from a client: accounts, or domains with everybody in them.</summary>
    public IList<string> AllowedAccounts { get; init; } = [];

    /// <summary>How long a peer may take to begin to send.</summary>
    public TimeSpan ConnectTimeout { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a peer that was heard may be silent, RTCP counting.</summary>
    public TimeSpan SilenceTimeout { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>How often a keyframe is asked for in the place of a peer that never asks itself; 0 for never.</summary>
    public TimeSpan KeyframeInterval { get; set; } = TimeSpan.FromSeconds(5);

    /// <summary>The most tools at once.</summary>
    public int MaxTools { get; set; } = 20;

    /// <summary>Whether somebody is among <see cref="AllowedAccounts"/>.</summary>
    public bool Allows(Jid peer) => Enabled && AllowedAccounts.Any(a => Jid.TryParse(a, out var allowed) && (allowed.Local is null ? allowed.Domain == peer.Domain : allowed == peer.Bare));

    /// <summary>Whether a peer may be at an address.</summary>
    public bool Allows(IPAddress address) => Enabled && Contains(AllowedNetworks, address);

    /// <summary>Whether an address is sent media unasked.</summary>
    public bool Trusts(IPAddress address) => Contains(TrustedNetworks, address);

    /// <summary>The faults of the section.</summary>
    public static IEnumerable<string> Validate(RawUdpOptions options)
    {
        if (options.Enabled && options.AllowedNetworks.Count == 0) yield return "RawUdp:AllowedNetworks: must list the networks in which peers may be, such as 10.1.2.0/24, where RawUdp:Enabled is true";
        foreach (var fault in Networks(options.AllowedNetworks, "AllowedNetworks").Concat(Networks(options.TrustedNetworks, "TrustedNetworks"))) yield return fault;
        for (var i = 0; i < options.AllowedAccounts.Count; i++)
        {
            if (!Jid.TryParse(options.AllowedAccounts[i], out var jid) || jid.Resource is not null) yield return $"RawUdp:AllowedAccounts:{i}: must be an account, such as bridge@example.org, or a domain";
        }

        if (options.ConnectTimeout < TimeSpan.FromSeconds(5) || options.ConnectTimeout > TimeSpan.FromDays(1)) yield return "RawUdp:ConnectTimeout: must be 00:00:05 to 1.00:00:00";
        if (options.SilenceTimeout < TimeSpan.FromSeconds(5) || options.SilenceTimeout > TimeSpan.FromDays(1)) yield return "RawUdp:SilenceTimeout: must be 00:00:05 to 1.00:00:00";
        if (options.KeyframeInterval != TimeSpan.Zero && (options.KeyframeInterval < TimeSpan.FromSeconds(1) || options.KeyframeInterval > TimeSpan.FromDays(1)))
            yield return "RawUdp:KeyframeInterval: must be 00:00:01 to 1.00:00:00, or 0 for never";
        if (options.MaxTools is < 0 or > 1000) yield return "RawUdp:MaxTools: must be 0 (none) to 1000";
    }

    private static IEnumerable<string> Networks(IList<string> networks, string key)
    {
        for (var i = 0; i < networks.Count; i++)
        {
            if (!IPNetwork.TryParse(networks[i], out var network)) yield return $"RawUdp:{key}:{i}: must be a range of addresses, such as 10.1.2.0/24";
            else if (network.PrefixLength < (network.BaseAddress.AddressFamily == AddressFamily.InterNetwork ? ShortestIPv4 : ShortestIPv6))
                yield return $"RawUdp:{key}:{i}: {networks[i]} is no network to be trusted as a whole: at least /{ShortestIPv4}, or of IPv6 /{ShortestIPv6}";
        }
    }

    private static bool Contains(IList<string> networks, IPAddress address) => networks.Any(n => IPNetwork.TryParse(n, out var network) && network.Contains(address));
}
