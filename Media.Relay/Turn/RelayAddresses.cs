using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Turn;

/// <summary>Where relay ports are bound, a family each, and how they are told to clients.</summary>
internal sealed class RelayAddresses
{
    private readonly IPAddress? _ipv4, _ipv6;

    private RelayAddresses(IPAddress? ipv4, IPAddress? ipv6, TurnAddress? advertisedIPv4, TurnAddress? advertisedIPv6, IEnumerable<IPAddress> own)
    {
        (_ipv4, _ipv6) = (ipv4, ipv6);
        Translation = new TurnAddresses(advertisedIPv4, advertisedIPv6);
        Own = [.. own];
    }

    /// <summary>What is told, and what stands for it here.</summary>
    public TurnAddresses Translation { get; }

    /// <summary>This machine's addresses that relay ports are on.</summary>
    public IReadOnlyList<IPAddress> Own { get; }

    /// <summary>Where a relay port of a family is bound.</summary>
    public IPAddress Bind(bool isIPv6) => (isIPv6 ? _ipv6 : _ipv4) ?? throw new InvalidOperationException("No relay ports of this family.");

    /// <summary>Looks at this machine's interfaces.</summary>
    public static RelayAddresses Of(IPAddress bind, IPAddress advertised) => Of(bind, advertised, Interfaces());

    /// <summary>Chooses among given interface addresses.</summary>
    internal static RelayAddresses Of(IPAddress bind, IPAddress advertised, IReadOnlyList<IPAddress> interfaces)
    {
        var isAny = bind.Equals(IPAddress.Any) || bind.Equals(IPAddress.IPv6Any);
        var own = isAny ? interfaces : [bind];
        var ipv4 = Family(AddressFamily.InterNetwork, advertised, own);
        var ipv6 = Family(AddressFamily.InterNetworkV6, advertised, own);
        return new(
            ipv4 is null ? null : isAny ? IPAddress.Any : bind,
            ipv6 is null ? null : isAny ? IPAddress.IPv6Any : bind,
            ipv4, ipv6, own);
    }

    // The advertised address stands on an interface, or on a NAT in front of the family's first one. A family without an advertised address is told as it is bound.
    private static TurnAddress? Family(AddressFamily family, IPAddress advertised, IReadOnlyList<IPAddress> own)
    {
        var bound = own.Contains(advertised) && advertised.AddressFamily == family ? advertised : own.FirstOrDefault(a => a.AddressFamily == family);
        if (bound is null) return null;
        return new TurnAddress(AddressBits.Of(advertised.AddressFamily == family ? advertised : bound), AddressBits.Of(bound));
    }

    private static List<IPAddress> Interfaces() =>
    [
        .. NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus is OperationalStatus.Up or OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(a => a.Address)
            .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal && !a.IsIPv6Multicast),
    ];
}
