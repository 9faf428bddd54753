using System.Globalization;
using System.Net;
using System.Net.Sockets;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Ice;

namespace Parley.Media.Relay.Workers;

/// <summary>Where a worker is reached, as host candidates: the advertised address first, then every address that it is bound to.</summary>
internal sealed class CandidateList(IPAddress bind, IPAddress advertised, bool isLoopbackOnly, LocalAddresses addresses)
{
    /// <summary>Some machines have dozens of addresses, and a browser pairs each with each of its own.</summary>
    private const int Max = 12, MaxIPv6 = 4;

    private volatile IPAddress _advertised = advertised;

    /// <summary>The address that others reach this machine at. Who was offered another already keeps it.</summary>
    public IPAddress Advertised
    {
        get => _advertised;
        set => _advertised = value;
    }

    private bool IsAny => isLoopbackOnly || bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);

    /// <summary>The addresses at this moment.</summary>
    public IReadOnlyList<IPAddress> Addresses(bool hasIPv6)
    {
        var first = _advertised;
        IEnumerable<IPAddress> bound = IsAny ? addresses.Interfaces : [bind];
        var all = bound.Prepend(first).Distinct().Where(a => hasIPv6 || a.AddressFamily == AddressFamily.InterNetwork || a.Equals(first));
        var ipv6 = 0;
        return [.. all.Where(a => a.AddressFamily == AddressFamily.InterNetwork || ipv6++ < MaxIPv6).Take(Max)];
    }

    /// <summary>The candidates at a port.</summary>
    public IReadOnlyList<IceCandidate> At(int port, bool hasIPv6) => [.. Addresses(hasIPv6).Select((address, index) => Of(new(address, port), index))];

    private static IceCandidate Of(IPEndPoint address, int index) =>
        new(IceCandidates.HostFoundation(AddressKey.Of(address)), 1, IceCandidates.HostPriority(index), address, "host", string.Create(CultureInfo.InvariantCulture, $"h{index}"));
}
