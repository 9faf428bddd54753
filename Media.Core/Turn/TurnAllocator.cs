using System.Text;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>Allocate and Refresh (RFC 8656 sections 7.2 and 8.2). Methods give 0, having completed the success answer, or an error code.</summary>
internal sealed class TurnAllocator(TurnState state)
{
    private const uint DefaultLifetime = 600;
    private const byte Udp = 17, Tcp = 6, IPv4Family = 1, IPv6Family = 2;

    private readonly RelayPorts _ports = new(state);

    // Every token reserved by this worker, oldest first: all last equally long.
    private readonly Queue<(ulong Token, long ExpiresAt)> _reserved = [];

    /// <summary>Answers an Allocate, whose five-tuple has no allocation unless the request says so.</summary>
    public int Allocate(scoped in TurnRequest request, ref StunWriter answer)
    {
        if (request.Allocation is not null) return 437;
        var message = request.Message;
        if (!message.TryGet(StunAttribute.RequestedTransport, out var transport) || transport.Length != 4) return 400;
        if (transport[0] == Tcp) return 400; // over UDP (RFC 6062 section 5.1)
        if (transport[0] != Udp) return 442;
        if (state.Shared.Meters.IsRevoked(request.User.Account, request.NowMs)) return 403;
        var code = Obtain(request, out var ports);
        if (code == 486) return state.RefuseQuota(request.User);
        if (code != 0) return code;

        var lifetime = Lifetime(message, state.Shared.Settings);
        var (addresses, obtained) = (state.Shared.Addresses, ports!);
        state.Add(new TurnAllocation(request.Path, obtained.Relay, request.User, obtained.Charge, message, state.Shared.Settings.PeersPerAllocation)
        {
            Second = obtained.Second,
            Meter = state.Shared.Meters.Attach(request.User.Account, request.User.IsGuest),
            ExpiresAt = request.NowMs + lifetime * 1000L,
        });
        answer.AddXorAddress(StunAttribute.XorRelayedAddress, addresses.Advertise(obtained.Relay));
        if (obtained.Second is { } second) answer.AddXorAddress(StunAttribute.XorRelayedAddress, addresses.Advertise(second));
        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        if (obtained.Token is { } reserved) answer.AddUInt64(StunAttribute.ReservationToken, reserved);
        answer.AddXorAddress(StunAttribute.XorMappedAddress, request.Path.Client);
        if (obtained.Lacking is (not 0, var why) lacking) answer.Add(StunAttribute.AddressErrorCode, [lacking.Family, 0, (byte)(why / 100), (byte)(why % 100)]);
        return 0;
    }

    /// <summary>Answers a Refresh. Of an allocation with both families one alone may be ended, by naming it with a lifetime of 0 (RFC 8656 section 8.1).</summary>
    public int Refresh(scoped in TurnRequest request, ref StunWriter answer)
    {
        var message = request.Message;
        if (request.Allocation is not { } allocation) return 437;
        var hasFamily = message.TryGet(StunAttribute.RequestedAddressFamily, out var family);
        if (hasFamily && family.Length != 4) return 400;
        if (hasFamily && (family[0] is not (IPv4Family or IPv6Family) || allocation.RelayOf(family[0] == IPv6Family) is null)) return 443;

        var lifetime = message.TryGetUInt32(StunAttribute.Lifetime, out var wanted) && wanted == 0 ? 0 : Lifetime(message, state.Shared.Settings);
        if (lifetime == 0 && hasFamily && allocation.Second is not null) state.RemoveFamily(allocation, family[0] == IPv6Family);
        else if (lifetime == 0) state.Remove(allocation);
        else
        {
            allocation.ExpiresAt = request.NowMs + lifetime * 1000L;
            Follow(allocation, isEnforced: false);
        }

        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        return 0;
    }

    /// <summary>Closes the ports that were reserved for an account.</summary>
    public void Revoke(string account)
    {
        foreach (var (token, _) in _reserved)
        {
            if (state.Shared.Reservations.IsOf(token, account)) Drop(token); // its row in the queue finds nothing later
        }
    }

    /// <summary>Closes reserved ports that nobody came for; returns when the next one is due.</summary>
    public long Tick(long nowMs)
    {
        while (_reserved.TryPeek(out var oldest))
        {
            if (oldest.ExpiresAt > nowMs) return oldest.ExpiresAt;
            Drop(_reserved.Dequeue().Token);
        }

        return long.MaxValue;
    }

    /// <summary>Closes all reserved ports.</summary>
    public void Close()
    {
        while (_reserved.TryDequeue(out var reserved)) Drop(reserved.Token);
    }

    /// <summary>Finds what a request asks for, in the order of RFC 8656 section 7.2: 0, or an error code.</summary>
    private int Obtain(scoped in TurnRequest request, out TurnPorts? ports)
    {
        ports = null;
        var message = request.Message;
        var hasFamily = message.TryGet(StunAttribute.RequestedAddressFamily, out var family);
        var hasAdditional = message.TryGet(StunAttribute.AdditionalAddressFamily, out var additional);
        var hasEven = message.TryGet(StunAttribute.EvenPort, out var even);
        if (message.TryGet(StunAttribute.ReservationToken, out _))
        {
            if (hasEven || hasFamily || hasAdditional || !message.TryGetUInt64(StunAttribute.ReservationToken, out var wanted)) return 400;
            // Reserving put it on the account already.
            if (state.Shared.Reservations.Take(wanted, request.User.Account, request.NowMs) is not { } reserved) return 508;
            ports = new TurnPorts(reserved.Relay, reserved.Charge);
            return 0;
        }

        if (hasFamily && (hasAdditional || family.Length != 4)) return 400;
        if (hasFamily && family[0] is not (IPv4Family or IPv6Family)) return 440;
        if (hasAdditional && (additional.Length != 4 || additional[0] != IPv6Family)) return 400;
        if (hasEven && even.Length != 1) return 400;
        var isPair = hasEven && (even[0] & 0x80) != 0;
        if (isPair && hasAdditional) return 400;
        if (hasAdditional) return ObtainBoth(request.User, hasEven, out ports);
        var isIPv6 = hasFamily && family[0] == IPv6Family;
        if (isPair) return ObtainPair(request, isIPv6, out ports);
        var code = ObtainOne(request.User, isIPv6, hasEven, out var relay, out var charge);
        if (code == 0) ports = new TurnPorts(relay!, charge!);
        return code;
    }

    private int ObtainOne(TurnUser user, bool isIPv6, bool isEven, out RelayPort? relay, out TurnCharge? charge)
    {
        (relay, charge) = (null, null);
        if (!state.Shared.Addresses.Has(isIPv6)) return 440;
        charge = TryCharge(user, 1);
        if (charge is null) return 486;
        relay = _ports.Open(isIPv6, isEven);
        if (relay is not null) return 0;
        state.Release(charge);
        return 508;
    }

    /// <summary>A port of each family. One of the two will do: the other's failure is told beside it.</summary>
    private int ObtainBoth(TurnUser user, bool isEven, out TurnPorts? ports)
    {
        var ipv4 = ObtainOne(user, isIPv6: false, isEven, out var first, out var charge);
        var ipv6 = ObtainOne(user, isIPv6: true, isEven, out var second, out var chargeIPv6);
        ports = (ipv4, ipv6) switch
        {
            (0, 0) => new TurnPorts(first!, charge!, second),
            (0, _) => new TurnPorts(first!, charge!, Lacking: (IPv6Family, ipv6)),
            (_, 0) => new TurnPorts(second!, chargeIPv6!, Lacking: (IPv4Family, ipv4)),
            _ => null,
        };
        return ports is not null ? 0 : ipv4 == 440 ? ipv6 : ipv4;
    }

    private int ObtainPair(scoped in TurnRequest request, bool isIPv6, out TurnPorts? ports)
    {
        ports = null;
        if (!state.Shared.Addresses.Has(isIPv6)) return 440;
        if (TryCharge(request.User, 2) is not { } charge) return 486;
        if (_ports.OpenPair(isIPv6) is var (even, above))
        {
            ports = new TurnPorts(even, charge, Token: Reserve(above, charge, request.NowMs));
            return 0;
        }

        state.Release(charge);
        state.Release(charge);
        return 508;
    }

    /// <summary>
    /// Counts a guest's allocation in its room too, once it is in one: browsers gather candidates before they call, and ask for the first permission when the call was
    /// answered. That one a full room refuses; what has permissions may carry media, and is only counted.
    /// </summary>
    /// <returns>0, or an error code.</returns>
    public int Join(scoped in TurnRequest request) => request.Allocation is { } allocation ? Follow(allocation, isEnforced: allocation.Peers.IsEmpty) : 0;

    private int Follow(TurnAllocation allocation, bool isEnforced)
    {
        if (!allocation.User.IsGuest || allocation.Charge.Room is not null) return 0;
        if (state.Shared.Keys.Find(Encoding.UTF8.GetString(allocation.User.Name))?.Room is not { } room) return 0;
        if (!state.Shared.Use.TryTake(room, allocation.Second is null ? 1 : 2, isEnforced ? state.Shared.Settings.AllocationsPerGuestRoom : int.MaxValue)) return 508;
        allocation.Charge = allocation.Charge with { Room = room };
        return 0;
    }

    // Null where either limit would be passed.
    private TurnCharge? TryCharge(TurnUser user, int ports)
    {
        var (settings, use) = (state.Shared.Settings, state.Shared.Use);
        if (!use.TryTake(user.Account, ports, user.IsGuest ? settings.AllocationsPerGuestGroup : settings.AllocationsPerAccount)) return null;
        if (user.Room is null || use.TryTake(user.Room, ports, settings.AllocationsPerGuestRoom)) return new TurnCharge(user.Account, user.Room);
        for (var i = 0; i < ports; i++) use.Release(user.Account);
        return null;
    }

    private ulong Reserve(RelayPort relay, TurnCharge charge, long nowMs)
    {
        var reservation = new Reservation(relay, charge, nowMs + Reservations.LifetimeMs);
        while (true)
        {
            var token = (ulong)state.Random.NextInt64(long.MinValue, long.MaxValue);
            if (!state.Shared.Reservations.TryAdd(token, reservation)) continue;
            _reserved.Enqueue((token, reservation.ExpiresAt));
            return token;
        }
    }

    private void Drop(ulong token)
    {
        if (state.Shared.Reservations.Expire(token) is { } reservation) state.Free(reservation.Relay, reservation.Charge);
    }

    /// <summary>The lifetime that a request gets, in seconds.</summary>
    internal static uint Lifetime(StunMessage message, TurnSettings settings) =>
        message.TryGetUInt32(StunAttribute.Lifetime, out var wanted) ? Math.Clamp(wanted, DefaultLifetime, settings.MaxLifetime) : DefaultLifetime;
}
