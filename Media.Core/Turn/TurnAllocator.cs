using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>Allocate and Refresh (RFC 8656 sections 7.2 and 8.2). Methods give 0, having completed the success answer, or an error code.</summary>
internal sealed class TurnAllocator(TurnState state)
{
    private const uint DefaultLifetime = 600, MaxLifetime = 3600;
    private const byte Udp = 17, IPv4Family = 1, IPv6Family = 2;

    private readonly RelayPorts _ports = new(state);

    // Every token reserved by this worker, oldest first: all last equally long.
    private readonly Queue<(ulong Token, long ExpiresAt)> _reserved = [];

    /// <summary>Answers an Allocate, whose five-tuple has no allocation unless the request says so.</summary>
    public int Allocate(scoped in TurnRequest request, ref StunWriter answer)
    {
        if (request.Allocation is not null) return 437;
        var message = request.Message;
        if (!message.TryGet(StunAttribute.RequestedTransport, out var transport) || transport.Length != 4) return 400;
        if (transport[0] != Udp) return 442;
        var code = Obtain(request, out var relay, out var token);
        if (code != 0) return code;

        var lifetime = Lifetime(message);
        var allocation = new TurnAllocation(request.Path, relay!, request.User, message, state.Shared.Settings.PeersPerAllocation)
        {
            ExpiresAt = request.NowMs + lifetime * 1000L,
        };
        state.Add(allocation);
        answer.AddXorAddress(StunAttribute.XorRelayedAddress, state.Shared.Addresses.Advertise(relay!));
        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        if (token is { } reserved) answer.AddUInt64(StunAttribute.ReservationToken, reserved);
        answer.AddXorAddress(StunAttribute.XorMappedAddress, request.Path.Client);

        // One allocation has one address here. RFC 8656 section 7.2 lets a server say so for the additional family alone.
        if (message.Has(StunAttribute.AdditionalAddressFamily)) answer.Add(StunAttribute.AddressErrorCode, [IPv6Family, 0, 4, 40]);
        return 0;
    }

    /// <summary>Answers a Refresh.</summary>
    public int Refresh(scoped in TurnRequest request, ref StunWriter answer)
    {
        var message = request.Message;
        if (request.Allocation is not { } allocation) return 437;
        if (message.TryGet(StunAttribute.RequestedAddressFamily, out var family))
        {
            if (family.Length != 4) return 400;
            if (family[0] != (allocation.Relay.IsIPv6 ? IPv6Family : IPv4Family)) return 443;
        }

        var lifetime = message.TryGetUInt32(StunAttribute.Lifetime, out var wanted) && wanted == 0 ? 0 : Lifetime(message);
        if (lifetime == 0) state.Remove(allocation);
        else allocation.ExpiresAt = request.NowMs + lifetime * 1000L;
        answer.AddUInt32(StunAttribute.Lifetime, lifetime);
        return 0;
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

    /// <summary>The relay port of an allocation, and the token of the port above it if that was to be reserved; both are on the account.</summary>
    private int Obtain(scoped in TurnRequest request, out RelayPort? relay, out ulong? token)
    {
        (relay, token) = (null, null);
        var message = request.Message;
        var hasFamily = message.TryGet(StunAttribute.RequestedAddressFamily, out var family);
        var hasAdditional = message.TryGet(StunAttribute.AdditionalAddressFamily, out var additional);
        var hasEven = message.TryGet(StunAttribute.EvenPort, out var even);
        if (message.TryGet(StunAttribute.ReservationToken, out _))
        {
            if (hasEven || hasFamily || hasAdditional || !message.TryGetUInt64(StunAttribute.ReservationToken, out var wanted)) return 400;
            // Reserving put it on the account already.
            relay = state.Shared.Reservations.Take(wanted, request.User.Account, request.NowMs);
            return relay is null ? 508 : 0;
        }

        if (hasFamily && (hasAdditional || family.Length != 4)) return 400;
        if (hasFamily && family[0] is not (IPv4Family or IPv6Family)) return 440;
        if (hasAdditional && (additional.Length != 4 || additional[0] != IPv6Family)) return 400;
        if (hasEven && even.Length != 1) return 400;
        var isPair = hasEven && (even[0] & 0x80) != 0;
        if (isPair && hasAdditional) return 400;
        var isIPv6 = hasFamily && family[0] == IPv6Family;
        if (!state.Shared.Addresses.Has(isIPv6)) return 440;

        if (!TryCharge(request.User, isPair ? 2 : 1)) return 486;
        if (isPair)
        {
            if (_ports.OpenPair(isIPv6) is var (evenPort, above))
            {
                token = Reserve(above, request.User.Account, request.NowMs);
                relay = evenPort;
                return 0;
            }

            state.Shared.Use.Release(request.User.Account);
        }
        else
        {
            relay = _ports.Open(isIPv6, hasEven);
            if (relay is not null) return 0;
        }

        state.Shared.Use.Release(request.User.Account);
        return 508;
    }

    private bool TryCharge(TurnUser user, int ports)
    {
        var settings = state.Shared.Settings;
        return state.Shared.Use.TryTake(user.Account, ports, user.IsGuest ? settings.AllocationsPerGuestGroup : settings.AllocationsPerAccount);
    }

    private ulong Reserve(RelayPort relay, string account, long nowMs)
    {
        var reservation = new Reservation(relay, account, nowMs + Reservations.LifetimeMs);
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
        if (state.Shared.Reservations.Expire(token) is { } reservation) state.Free(reservation.Relay, reservation.Account);
    }

    private static uint Lifetime(StunMessage message) =>
        message.TryGetUInt32(StunAttribute.Lifetime, out var wanted) ? Math.Clamp(wanted, DefaultLifetime, MaxLifetime) : DefaultLifetime;
}
