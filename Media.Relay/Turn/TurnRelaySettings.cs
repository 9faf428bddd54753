using System.Net;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>What the TURN server is started with.</summary>
public sealed record TurnRelaySettings
{
    /// <summary>The protocol's own choices.</summary>
    public required TurnSettings Protocol { get; init; }

    /// <summary>The UDP port that clients come to; 0 lets the kernel choose.</summary>
    public int Port { get; init; } = 3478;

    /// <summary>Where sockets bind; any address for all.</summary>
    public required IPAddress BindAddress { get; init; }

    /// <summary>The address that others reach this machine at.</summary>
    public required IPAddress AdvertisedAddress { get; init; }

    /// <summary>Whether the server is bound to loopback only.</summary>
    public required bool IsLoopbackOnly { get; init; }

    /// <summary>Clients over TCP and TLS at once.</summary>
    public int Connections { get; init; } = 5000;

    /// <summary>Of these, the most from one address.</summary>
    public int ConnectionsPerAddress { get; init; } = 200;

    /// <summary>How long one may stay without an allocation.</summary>
    public TimeSpan IdleTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Peers that may be reached at any port, special addresses among them.</summary>
    public IReadOnlyList<IPNetwork> AllowedPeers { get; init; } = [];
}
