using System.Net;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Protection;

/// <summary>The paces of senders: one for all streams of an account, of the guests at an address, or of another server's domain; coming anew does not renew it.</summary>
internal sealed class SendingPaces(StreamLimits limits, TimeProvider time)
{
    /// <summary>How many times as much as an account all guests of an address may send together, and another server's domain.</summary>
    public const int Many = 10;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, SendingPace> _paces = new(StringComparer.Ordinal);
    private readonly HashSet<string> _left = new(StringComparer.Ordinal);

    /// <summary>How many are remembered.</summary>
    public int Count
    {
        get
        {
            lock (_gate) return _paces.Count;
        }
    }

    /// <summary>A pace for a stream that belongs to nobody yet.</summary>
    public SendingPace New() => new(limits, time);

    /// <summary>A client of an account has come.</summary>
    public PaceShare JoinAccount(Jid account) => Join(account.Bare.ToString(), 1);

    /// <summary>A guest has come: whoever needs no account makes as many guests as it likes, so that they count by their address. Behind a proxy on this machine each counts alone.</summary>
    public PaceShare JoinGuest(Jid guest, IPAddress? address) =>
        address is null || IPAddress.IsLoopback(address) ? JoinAccount(guest) : Join("guests of " + ConnectionGate.KeyOf(address), Many);

    /// <summary>A stream of another server has come, which speaks for all the people of its domain.</summary>
    public PaceShare JoinServer(string domain) => Join("the server " + domain, Many);

    /// <summary>Forgets those that have nobody and would be new. Once a second or so.</summary>
    public void LookAt()
    {
        lock (_gate)
        {
            if (_left.Count == 0) return;
            foreach (var key in _left.Where(a => _paces[a].IsRested).ToList())
            {
                _left.Remove(key);
                _paces.Remove(key);
            }
        }
    }

    /// <summary>One that shared it is gone.</summary>
    internal void Leave(string key)
    {
        lock (_gate)
        {
            var pace = _paces[key];
            if (--pace.Users > 0) return;
            if (pace.IsRested) _paces.Remove(key);
            else _left.Add(key);
        }
    }

    private PaceShare Join(string key, int times)
    {
        lock (_gate)
        {
            if (!_paces.TryGetValue(key, out var pace)) _paces[key] = pace = new SendingPace(limits, time, times);
            pace.Users++;
            _left.Remove(key);
            return new PaceShare(this, key, pace);
        }
    }
}

/// <summary>A stream's share in a pace.</summary>
/// <param name="Owner">Where it is from.</param>
/// <param name="Key">Whose it is, as the log names it.</param>
/// <param name="Pace">The pace.</param>
internal sealed record PaceShare(SendingPaces Owner, string Key, SendingPace Pace)
{
    /// <summary>The stream is gone. Once.</summary>
    public void Leave() => Owner.Leave(Key);
}
