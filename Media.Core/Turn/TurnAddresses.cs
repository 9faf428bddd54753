namespace Parley.Media.Core.Turn;

/// <summary>Where the relay ports of one family are: as the world knows them, and as this machine does.</summary>
/// <param name="Advertised">What clients are told, as <see cref="AddressBits"/> has it.</param>
/// <param name="Bound">The interface address that stands for it here; the same where no NAT lies between.</param>
public readonly record struct TurnAddress(UInt128 Advertised, UInt128 Bound);

/// <summary>
/// The relay's addresses, one a family. A peer that names the advertised address means this machine, and behind a 1:1 NAT without hairpin its packets would not come
/// back: they go to the bound address, and what comes from there is shown as from the advertised one.
/// </summary>
public sealed class TurnAddresses
{
    private readonly TurnAddress? _ipv4, _ipv6;

    /// <summary>Makes the set; a family is relayed if it has an address.</summary>
    public TurnAddresses(TurnAddress? ipv4, TurnAddress? ipv6 = null)
    {
        if (ipv4 is { } v4 && !(IsIPv4(v4.Advertised) && IsIPv4(v4.Bound))) throw new ArgumentException("An address is not IPv4.", nameof(ipv4));
        if (ipv6 is { } v6 && (IsIPv4(v6.Advertised) || IsIPv4(v6.Bound))) throw new ArgumentException("An address is not IPv6.", nameof(ipv6));
        (_ipv4, _ipv6) = (ipv4, ipv6);
    }

    /// <summary>Whether relay ports of a family can be had.</summary>
    public bool Has(bool isIPv6) => Of(isIPv6) is not null;

    /// <summary>A relay port's address as clients are told it.</summary>
    internal AddressKey Advertise(RelayPort relay) => Advertise(relay.Port, relay.IsIPv6);

    /// <summary>A port's address as clients are told it.</summary>
    internal AddressKey Advertise(ushort port, bool isIPv6) => new(Of(isIPv6)!.Value.Advertised, port);

    /// <summary>Where data for a peer really goes.</summary>
    internal UInt128 Inward(UInt128 peer) => Of(!IsIPv4(peer)) is { } own && own.Advertised == peer ? own.Bound : peer;

    /// <summary>The advertised form of a peer that is this machine's bound address.</summary>
    internal bool TryOutward(UInt128 peer, out UInt128 advertised)
    {
        var own = Of(!IsIPv4(peer));
        advertised = own?.Advertised ?? default;
        return own is { } o && o.Bound == peer && o.Advertised != peer;
    }

    private TurnAddress? Of(bool isIPv6) => isIPv6 ? _ipv6 : _ipv4;

    private static bool IsIPv4(UInt128 address) => AddressBits.IsIPv4(address, out _);
}
