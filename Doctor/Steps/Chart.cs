using System.Net;
using Parley.Doctor.Xmpp;
using Parley.Media.Core;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Doctor.Steps;

/// <summary>A way for clients to the server.</summary>
/// <param name="Address">The address.</param>
/// <param name="Port">The TCP port.</param>
/// <param name="IsTls">TLS from the first byte (XEP-0368).</param>
internal sealed record ClientWay(IPAddress Address, int Port, bool IsTls);

/// <summary>A STUN or TURN service that XEP-0215 listed.</summary>
/// <param name="Type">Such as <c>turn</c>.</param>
/// <param name="Host">As listed.</param>
/// <param name="Port">The port.</param>
/// <param name="Transport"><c>udp</c>, <c>tcp</c> or <c>tls</c>.</param>
/// <param name="Username">The credentials' user name; empty without.</param>
/// <param name="Password">Their password.</param>
/// <param name="Address">The host's address; null if it has none.</param>
internal sealed record ListedService(string Type, string Host, int Port, string Transport, string Username, string Password, IPAddress? Address)
{
    /// <summary>The address and port; only where it has an address.</summary>
    public IPEndPoint EndPoint => new(Address!, Port);

    /// <inheritdoc/>
    public override string ToString() => $"{Type} {Host} port {Port} over {Transport.ToUpperInvariant()}";
}

/// <summary>What is known of a patient so far: later steps build on earlier ones.</summary>
internal sealed class Chart(Patient patient) : IAsyncDisposable
{
    public Patient Patient => patient;

    /// <summary>Everything found so far.</summary>
    public List<Finding> Findings { get; } = [];

    /// <summary>The addresses of the domain.</summary>
    public IReadOnlyList<IPAddress> Domain { get; set; } = [];

    /// <summary>The ways for clients that are open, the first to be taken first.</summary>
    public List<ClientWay> Ways { get; } = [];

    /// <summary>Ways that DNS tells of (RFC 6120 section 3.2.1); empty where it tells of none.</summary>
    public List<ClientWay> Told { get; } = [];

    /// <summary>Where HTTPS is; null where it is not.</summary>
    public IPEndPoint? Https { get; set; }

    /// <summary>How far the server's clock is ahead of ours; null if it was not told.</summary>
    public TimeSpan? ClockAhead { get; set; }

    /// <summary>Two clients that are logged in.</summary>
    public List<XmppClient> Clients { get; } = [];

    /// <summary>The domain of the call rooms.</summary>
    public Jid? Calls { get; set; }

    /// <summary>The services.</summary>
    public IReadOnlyList<ListedService> Services { get; set; } = [];

    /// <summary>What STUN over UDP said at an address: our own address as seen there; null where nothing answered.</summary>
    public Dictionary<IPEndPoint, AddressKey?> Stun { get; } = [];

    /// <summary>Whether something was found already.</summary>
    public bool Has(string cause) => Findings.Any(f => f.Cause == cause);

    /// <summary>Whether an address is this machine's own.</summary>
    public static bool IsOwn(IPAddress address) => Own.Contains(address) || IPAddress.IsLoopback(address);

    private static HashSet<IPAddress> Own { get; } = [.. System.Net.NetworkInformation.NetworkInterface.GetAllNetworkInterfaces().SelectMany(i => i.GetIPProperties().UnicastAddresses).Select(u => u.Address)];

    /// <inheritdoc/>
    public async ValueTask DisposeAsync()
    {
        foreach (var client in Clients) await client.DisposeAsync();
    }
}
