using System.Collections.Frozen;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Blocking;

/// <summary>Whom an account blocks. Immutable.</summary>
internal sealed class BlockList
{
    private readonly FrozenSet<Jid> _addresses;
    // Those that block everybody of a domain, by name: what is asked about is mostly not blocked, and a name costs less than an address.
    private readonly FrozenSet<string> _domains;

    public BlockList(IEnumerable<Jid> items)
    {
        _addresses = items.ToFrozenSet();
        _domains = _addresses.Where(a => a is { Local: null, Resource: null }).Select(a => a.Domain).ToFrozenSet(StringComparer.Ordinal);
    }

    /// <summary>Nobody.</summary>
    public static BlockList Empty { get; } = new([]);

    /// <summary>What is blocked, each as it was named.</summary>
    public IReadOnlyCollection<Jid> Items => _addresses;

    /// <summary>Whether an address is blocked: itself, its bare form, or its domain (XEP-0191 section 5).</summary>
    public bool Contains(Jid address) =>
        _addresses.Count > 0 && (_domains.Contains(address.Domain) || _addresses.Contains(address) || (address.Resource is not null && _addresses.Contains(address.Bare)));

    /// <summary>Whether an address may be blocked by an account: its own, and its server's own, stay open to it.</summary>
    public static bool MayConcern(Jid account, Jid address) => address.Bare != account && (address.Local is not null || address.Domain != account.Domain);
}
