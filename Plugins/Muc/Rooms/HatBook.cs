using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>A hat (XEP-0317).</summary>
/// <param name="Uri">What tells it from others.</param>
/// <param name="Title">What people read.</param>
/// <param name="Hue">Its colour, an angle in degrees as text; null for none.</param>
public sealed record Hat(string Uri, string Title, string? Hue);

/// <summary>The hats of a room, and who wears them.</summary>
internal sealed class HatBook
{
    private readonly Dictionary<string, Hat> _hats = new(StringComparer.Ordinal);
    private readonly Dictionary<Jid, HashSet<string>> _worn = [];

    /// <summary>The hats there are.</summary>
    public IReadOnlyCollection<Hat> All => _hats.Values;

    /// <summary>Who wears which.</summary>
    public IEnumerable<(Jid Account, Hat Hat)> Worn => _worn.SelectMany(w => w.Value.Select(u => (w.Key, _hats[u])));

    /// <summary>How many are worn.</summary>
    public int WornCount => _worn.Values.Sum(w => w.Count);

    /// <summary>What changes when the list of hats does; null while there are none.</summary>
    public string? Hash => _hats.Count == 0 ? null
        : Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join('\n', _hats.Values.OrderBy(h => h.Uri, StringComparer.Ordinal).Select(h => $"{h.Uri}\t{h.Title}\t{h.Hue}")))));

    /// <summary>The hat of a URI; null if there is none.</summary>
    public Hat? Find(string uri) => _hats.GetValueOrDefault(uri);

    /// <summary>Adds or changes a hat.</summary>
    public void Put(Hat hat) => _hats[hat.Uri] = hat;

    /// <summary>Takes a hat away from the room and everybody.</summary>
    /// <returns>Those who wore it.</returns>
    public IReadOnlyList<Jid> Remove(string uri)
    {
        _hats.Remove(uri);
        Jid[] wearers = [.. WearersOf(uri)];
        foreach (var wearer in wearers) TakeOff(wearer, uri);
        return wearers;
    }

    /// <summary>Those who wear a hat.</summary>
    public IEnumerable<Jid> WearersOf(string uri) => _worn.Where(w => w.Value.Contains(uri)).Select(w => w.Key);

    /// <summary>Puts a hat of the room on an account.</summary>
    public void PutOn(Jid account, string uri)
    {
        if (!_worn.TryGetValue(account, out var worn)) _worn[account] = worn = new(StringComparer.Ordinal);
        worn.Add(uri);
    }

    /// <summary>Takes a hat off; false if it was not worn.</summary>
    public bool TakeOff(Jid account, string uri)
    {
        if (!_worn.TryGetValue(account, out var worn) || !worn.Remove(uri)) return false;
        if (worn.Count == 0) _worn.Remove(account);
        return true;
    }

    /// <summary>What a presence says of an account's hats; null if it wears none.</summary>
    public Element? WornBy(Jid account)
    {
        if (!_worn.TryGetValue(account, out var worn)) return null;
        var hats = new Element("hats", MucNames.Hats);
        foreach (var uri in worn.Order(StringComparer.Ordinal)) hats.Add("hat", h => h.Attr("uri", uri).Attr("title", _hats[uri].Title).Attr("hue", _hats[uri].Hue));
        return hats;
    }
}
