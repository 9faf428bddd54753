using System.Net;
using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>What a conference remembers of people while it lasts, whether or not they are there, by <see cref="Rights.Key"/>.</summary>
public sealed class PeopleBook
{
    /// <summary>The most people who may be kept out of one conference.</summary>
    public const int MaxBanned = 1000;

    private const int MaxKnown = 5000;
    private readonly Dictionary<string, (string Id, string Name, HashSet<string> Homes)> _banned = [];
    private readonly HashSet<string> _known = [];
    private readonly Queue<string> _oldest = [];
    private readonly Dictionary<string, (Silence Audio, Silence Video)> _held = [];
    private readonly HashSet<string> _granted = [];

    /// <summary>Who is kept out: an id of this list, and the name that they had.</summary>
    public IEnumerable<(string Id, string Name)> Banned => _banned.Values.Select(b => (b.Id, b.Name));

    /// <summary>Keeps somebody out; false if there are as many as there may be.</summary>
    /// <param name="key">Who.</param>
    /// <param name="name">The name shown.</param>
    /// <param name="networks">Where they come from: guests from there wait in the lobby, since a guest is somebody else at will.</param>
    public bool Ban(string key, string name, IEnumerable<IPAddress> networks)
    {
        if (_banned.Count >= MaxBanned) return false;
        _banned[key] = (Ids.New(), name, [.. networks.Select(HomeOf)]);
        _known.Remove(key);
        _granted.Remove(key);
        return true;
    }

    /// <summary>Keeps somebody out no longer, and suspects nobody for where they came from; by the id of the list. False if there is nobody of that id.</summary>
    public bool Allow(string id) => _banned.FirstOrDefault(b => b.Value.Id == id).Key is { } key && _banned.Remove(key);

    /// <summary>Whether somebody is kept out.</summary>
    public bool IsBanned(string key) => _banned.ContainsKey(key);

    /// <summary>Whether somebody who is kept out came from there.</summary>
    public bool IsSuspect(IPAddress? network)
    {
        if (network is null || _banned.Count == 0) return false;
        var home = HomeOf(network);
        return _banned.Values.Any(b => b.Homes.Contains(home));
    }

    /// <summary>Somebody was let in: whoever comes back is not asked again.</summary>
    public void Know(string key)
    {
        if (!_known.Add(key)) return;
        _oldest.Enqueue(key);
        if (_oldest.Count > MaxKnown) _known.Remove(_oldest.Dequeue());
    }

    /// <summary>Whether somebody was let in before.</summary>
    public bool IsKnown(string key) => _known.Contains(key);

    /// <summary>Keeps what somebody may and has done to it, for when they come back.</summary>
    public void Keep(Rights rights)
    {
        var (audio, video) = (Held(rights.Kept(MediaKind.Audio)), Held(rights.Kept(MediaKind.Video)));
        if (audio == Silence.None && video == Silence.None) _held.Remove(rights.Key);
        else _held[rights.Key] = (audio, video);
        if (rights.IsGranted) _granted.Add(rights.Key);
        else _granted.Remove(rights.Key);
    }

    /// <summary>Gives somebody who comes back what was kept.</summary>
    public void Restore(Rights rights)
    {
        if (_held.TryGetValue(rights.Key, out var held))
        {
            if (held.Audio == Silence.Held) rights.Set(MediaKind.Audio, Silence.Held);
            if (held.Video == Silence.Held) rights.Set(MediaKind.Video, Silence.Held);
        }

        rights.IsGranted |= _granted.Contains(rights.Key);
    }

    // What one person's machine has for certain: an address of IPv4, and of IPv6 all of a /64, of which it takes another as it likes (RFC 8981).
    private static string HomeOf(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var bytes = address.GetAddressBytes();
        return Convert.ToHexString(bytes, 0, Math.Min(8, bytes.Length));
    }

    // Who was only muted may switch it on again anyway.
    private static Silence Held(Silence silence) => silence == Silence.Held ? Silence.Held : Silence.None;
}
