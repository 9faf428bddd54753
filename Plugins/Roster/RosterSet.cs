using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>A roster set as sent (RFC 6121 sections 2.3 to 2.5).</summary>
internal sealed record RosterSet(Jid Contact, string Name, IReadOnlyList<string> Groups, bool IsRemoval)
{
    // RFC 6121 section 2.1.2.3 and 2.1.2.6 leave the bound to the server; this is the one of an address's part.
    private const int MaxText = Jid.MaxPartBytes;
    private const int MaxGroups = 64;

    /// <summary>Reads a set by the owner <paramref name="account"/>; a condition if it cannot be.</summary>
    public static (RosterSet? Set, StanzaCondition Refusal) Read(Element query, Jid account)
    {
        // Section 2.3.3: exactly one item, and of it a known address.
        var items = query.ChildrenNamed("item", Ns.Roster).Take(2).ToList();
        if (items.Count != 1 || !Jid.TryParse(items[0]["jid"], out var contact)) return (null, StanzaCondition.BadRequest);
        if (contact.Bare == account) return (null, StanzaCondition.NotAllowed);
        if (items[0]["subscription"] == "remove") return (new RosterSet(contact.Bare, "", [], true), default);

        var name = items[0]["name"] ?? "";
        var groups = items[0].ChildrenNamed("group", Ns.Roster).Select(g => g.Value).ToList();
        if (groups.Count != groups.Distinct(StringComparer.Ordinal).Count()) return (null, StanzaCondition.BadRequest);
        if (name.Length > MaxText || groups.Count > MaxGroups || groups.Exists(g => g.Length is 0 or > MaxText)) return (null, StanzaCondition.NotAcceptable);
        return (new RosterSet(contact.Bare, name, groups, false), default);
    }
}
