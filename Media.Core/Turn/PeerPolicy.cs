using System.Collections.Frozen;
using System.Net;

namespace Parley.Media.Core.Turn;

/// <summary>
/// Which peers an allocation may reach (RFC 8656 section 21.2: a relay without such a policy is a door into the network behind it). In this order:
/// what the operator allows, at any port; this server's own addresses, data only to its media ports and live allocations; special addresses, never.
/// </summary>
public sealed class PeerPolicy
{
    private const int FirstOfPeers = 1024;

    private readonly AddressRange[] _allowed;
    private readonly FrozenSet<UInt128> _own;
    private readonly FrozenSet<(UInt128, int)> _media;
    private readonly LivePorts _live;

    /// <summary>Makes a policy.</summary>
    /// <param name="allowed">What <c>Turn:AllowedPeers</c> lists.</param>
    /// <param name="own">The advertised and bound addresses; loopback ones among them count only if <paramref name="isLoopbackOnly"/>.</param>
    /// <param name="media">Where the media sockets are reached, by address and port; an address not among <paramref name="own"/> counts as own too.</param>
    /// <param name="live">The ports of live allocations.</param>
    /// <param name="isLoopbackOnly">Whether the server is bound to loopback.</param>
    public PeerPolicy(IEnumerable<IPNetwork> allowed, IEnumerable<IPAddress> own, IEnumerable<IPEndPoint> media, LivePorts live, bool isLoopbackOnly)
    {
        _allowed = [.. allowed.Select(AddressRange.Of)];
        var reached = media.Where(m => isLoopbackOnly || !IsLoopback(m.Address)).ToList();
        _media = reached.Select(m => (AddressBits.Of(m.Address), m.Port)).ToFrozenSet();
        _own = own.Where(a => isLoopbackOnly || !IsLoopback(a)).Concat(reached.Select(m => m.Address)).Select(AddressBits.Of).ToFrozenSet();
        _live = live;
    }

    /// <summary>Whether a permission for an address may be made. It names no port, so data is judged again.</summary>
    /// <param name="address">The address, as <see cref="AddressBits"/> has it.</param>
    /// <param name="isGuest">Guests reach only this server's own media ports.</param>
    public bool PermitsAddress(UInt128 address, bool isGuest)
    {
        if (isGuest) return _own.Contains(address);
        return IsAllowed(address) || _own.Contains(address) || IsPublic(address);
    }

    /// <summary>Whether a channel may be bound, and data sent, to an address and port.</summary>
    public bool PermitsData(UInt128 address, int port, bool isGuest)
    {
        if (port is < 1 or > 65535) return false;
        if (isGuest) return _media.Contains((address, port));
        if (IsAllowed(address)) return true;
        if (_own.Contains(address)) return _media.Contains((address, port)) || _live.Contains(port, !AddressBits.IsIPv4(address, out _));
        return IsPublic(address);
    }

    /// <summary>Whether an account's TCP allocation may connect to an address and port (RFC 6062).</summary>
    /// <param name="address">The address.</param>
    /// <param name="port">The port. Below 1024 are services, to which nobody is to speak in this server's name: mail above all.</param>
    /// <param name="relays">The TCP ports of live allocations, which are all that may be reached here.</param>
    public bool PermitsConnection(UInt128 address, int port, LivePorts relays)
    {
        if (port is < 1 or > 65535) return false;
        if (IsAllowed(address)) return true;
        if (_own.Contains(address)) return relays.Contains(port, !AddressBits.IsIPv4(address, out _));
        return port >= FirstOfPeers && IsPublic(address);
    }

    private bool IsAllowed(UInt128 address)
    {
        foreach (var range in _allowed)
        {
            if (range.Contains(address)) return true;
        }

        return false;
    }

    // An own address inside another's form would slip past the judgement by port, so it is refused whole.
    private bool IsPublic(UInt128 address) =>
        !SpecialAddresses.Contains(address) && !(SpecialAddresses.TryUnwrap(address, out var inner) && _own.Contains(inner));

    private static bool IsLoopback(IPAddress address) => IPAddress.IsLoopback(address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address);
}
