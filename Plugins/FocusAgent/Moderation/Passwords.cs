using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What came of a password.</summary>
public enum PasswordResult
{
    /// <summary>It is the one.</summary>
    Right,
    /// <summary>It is not.</summary>
    Wrong,
    /// <summary>Too many were wrong: this one was not looked at.</summary>
    TooMany,
}

/// <summary>Judges passwords of rooms, slowly where they are guessed, and remembers for a while who gave one ahead of a call.</summary>
/// <param name="services">The time and the settings.</param>
public sealed class Passwords(FocusServices services)
{
    /// <summary>How long a password that was given ahead counts.</summary>
    public static readonly TimeSpan Ahead = TimeSpan.FromMinutes(5);

    /// <summary>After how long another wrong one may be tried.</summary>
    public static readonly TimeSpan PerTry = TimeSpan.FromSeconds(12);

    private const int MaxRemembered = 10_000;
    private readonly Lock _gate = new();
    private readonly Dictionary<string, (double Misses, DateTimeOffset At)> _misses = [];
    private readonly Dictionary<(Jid Room, Jid Caller), DateTimeOffset> _given = [];

    /// <summary>Judges a password of somebody.</summary>
    /// <param name="expected">The room's.</param>
    /// <param name="given">What was given.</param>
    /// <param name="from">Who gave it.</param>
    /// <param name="caller">What is known of them.</param>
    public PasswordResult Judge(string expected, string given, Jid from, Caller caller)
    {
        // Guests make themselves anew at will: their network counts.
        var source = caller.Kind == SenderKind.Guest ? NetworkOf(caller.Network) : from.Bare.ToString();
        lock (_gate)
        {
            var misses = MissesOf(source);
            if (misses > services.Options.PasswordTries - 1) return PasswordResult.TooMany;
            if (CryptographicOperations.FixedTimeEquals(SHA256.HashData(Encoding.UTF8.GetBytes(expected)), SHA256.HashData(Encoding.UTF8.GetBytes(given)))) return PasswordResult.Right;
            _misses[source] = (misses + 1, services.Clock.GetUtcNow());
            return PasswordResult.Wrong;
        }
    }

    /// <summary>Somebody gave a room's password ahead of calling.</summary>
    public void Give(Jid room, Jid from)
    {
        lock (_gate)
        {
            var now = services.Clock.GetUtcNow();
            if (_given.Count >= MaxRemembered)
            {
                foreach (var old in _given.Where(g => g.Value < now).Select(g => g.Key).ToList()) _given.Remove(old);
                if (_given.Count >= MaxRemembered) return;
            }

            _given[(room.Bare, from.Bare)] = now + Ahead;
        }
    }

    /// <summary>Whether somebody gave a room's password ahead.</summary>
    public bool WasGiven(Jid room, Jid from)
    {
        lock (_gate) return _given.TryGetValue((room.Bare, from.Bare), out var until) && until > services.Clock.GetUtcNow();
    }

    /// <summary>Forgets who gave a room's password, as it is another now.</summary>
    public void Forget(Jid room)
    {
        lock (_gate)
        {
            foreach (var old in _given.Keys.Where(g => g.Room == room.Bare).ToList()) _given.Remove(old);
        }
    }

    private double MissesOf(string source)
    {
        var now = services.Clock.GetUtcNow();
        if (_misses.Count >= MaxRemembered)
        {
            foreach (var (key, old) in _misses.Where(m => Left(m.Value, now) <= 0).ToList()) _misses.Remove(key);
            // So many who guess at once: newcomers among them share one count.
            if (_misses.Count >= MaxRemembered && !_misses.ContainsKey(source)) return Left(_misses.Values.MaxBy(m => m.At), now);
        }

        return _misses.TryGetValue(source, out var known) ? Left(known, now) : 0;
    }

    private static double Left((double Misses, DateTimeOffset At) known, DateTimeOffset now) => Math.Max(0, known.Misses - ((now - known.At) / PerTry));

    /// <summary>A network as guests are counted by: /24 or /56.</summary>
    internal static string NetworkOf(IPAddress? address)
    {
        if (address is null) return "guests";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes, 0, address.AddressFamily == AddressFamily.InterNetwork ? 3 : 7);
    }
}
