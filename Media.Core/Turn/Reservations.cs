using System.Collections.Concurrent;

namespace Parley.Media.Core.Turn;

/// <summary>
/// Ports that an EVEN-PORT request reserved for a later one (RFC 8656 sections 7.2 and 18.7), shared by all workers. A reserved port is bound and read by nobody, so
/// whoever removes its token owns it from then on, on whatever worker.
/// </summary>
public sealed class Reservations
{
    /// <summary>How long a reservation lasts: the 30 s that RFC 8656 section 7.2 has as the least.</summary>
    internal const long LifetimeMs = 30_000;

    private readonly ConcurrentDictionary<ulong, Reservation> _held = new();

    /// <summary>How many ports are reserved.</summary>
    public int Count => _held.Count;

    internal bool TryAdd(ulong token, Reservation reservation) => _held.TryAdd(token, reservation);

    /// <summary>Takes a port reserved by the same account.</summary>
    internal Reservation? Take(ulong token, string account, long nowMs)
    {
        if (!_held.TryGetValue(token, out var found) || found.Charge.Account != account || found.ExpiresAt <= nowMs) return null;
        return _held.TryRemove(new(token, found)) ? found : null;
    }

    internal bool IsOf(ulong token, string account) => _held.TryGetValue(token, out var found) && found.Charge.Account == account;

    /// <summary>Takes what nobody came for.</summary>
    internal Reservation? Expire(ulong token) => _held.TryRemove(token, out var found) ? found : null;
}

/// <summary>A reserved port.</summary>
internal sealed record Reservation(RelayPort Relay, TurnCharge Charge, long ExpiresAt);
