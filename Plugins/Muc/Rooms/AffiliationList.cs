using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>An account's place in a room.</summary>
/// <param name="Affiliation">The affiliation.</param>
/// <param name="Nick">The nickname that is reserved for it (XEP-0045 section 7.10); null for none.</param>
/// <param name="Reason">Why, as whoever gave it said; null if not.</param>
public sealed record AffiliationEntry(Affiliation Affiliation, string? Nick = null, string? Reason = null);

/// <summary>A room's affiliations: of accounts, or of all of a domain.</summary>
internal sealed class AffiliationList(Func<IReadOnlySet<Jid>> serviceAdmins)
{
    private readonly Dictionary<Jid, AffiliationEntry> _entries = [];
    private readonly Dictionary<string, Jid> _nicks = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>How many there are.</summary>
    public int Count => _entries.Count;

    /// <summary>All of them.</summary>
    public IReadOnlyDictionary<Jid, AffiliationEntry> All => _entries;

    /// <summary>The entry of a bare address or domain itself; null for none.</summary>
    public AffiliationEntry? Find(Jid bare) => _entries.GetValueOrDefault(bare);

    /// <summary>What a bare address is: by its own entry, else its domain's.</summary>
    public Affiliation Of(Jid bare)
    {
        if (serviceAdmins().Contains(bare)) return Affiliation.Owner;
        if (_entries.TryGetValue(bare, out var own)) return own.Affiliation;
        return _entries.Count > 0 && bare.Local is not null && Jid.TryCreate(null, bare.Domain, null, out var domain) && _entries.TryGetValue(domain, out var all) ? all.Affiliation : Affiliation.None;
    }

    /// <summary>Whose nickname it is; null if it is nobody's.</summary>
    public Jid? HolderOf(string nick) => _nicks.GetValueOrDefault(nick);

    /// <summary>Sets or (null, or no affiliation) removes an entry.</summary>
    public void Set(Jid bare, AffiliationEntry? entry)
    {
        if (_entries.Remove(bare, out var former) && former.Nick is { } nick) _nicks.Remove(nick);
        if (entry is null || entry.Affiliation == Affiliation.None) return;
        _entries[bare] = entry;
        if (entry.Nick is not null) _nicks[entry.Nick] = bare;
    }

    /// <summary>Those of an affiliation.</summary>
    public IEnumerable<KeyValuePair<Jid, AffiliationEntry>> With(Affiliation affiliation) => _entries.Where(e => e.Value.Affiliation == affiliation);
}
