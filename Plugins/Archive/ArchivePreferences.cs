using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Archive;

/// <summary>With whom an account keeps its messages (XEP-0441). Immutable.</summary>
/// <param name="Default">For whoever is in neither list; null: what the server says.</param>
/// <param name="Always">Whose messages are kept.</param>
/// <param name="Never">Whose are not: it wins over the other list, since what was kept cannot be made unkept.</param>
internal sealed record ArchivePreferences(ArchiveDefault? Default, IReadOnlySet<Jid> Always, IReadOnlySet<Jid> Never)
{
    /// <summary>An account that has not said anything.</summary>
    public static ArchivePreferences None { get; } = new(null, new HashSet<Jid>(), new HashSet<Jid>());

    /// <summary>What becomes of messages with an address (section 2.3); <see cref="ArchiveDefault.Roster"/> where it depends on the roster.</summary>
    public ArchiveDefault Judge(Jid with, ArchiveDefault server) =>
        Names(Never, with) ? ArchiveDefault.Never : Names(Always, with) ? ArchiveDefault.Always : Default ?? server;

    /// <summary>Reads <c>prefs</c>; null if it cannot be meant.</summary>
    public static ArchivePreferences? Read(Element prefs)
    {
        if (Lists(prefs, "always") is not { } always || Lists(prefs, "never") is not { } never) return null;
        return prefs["default"] switch
        {
            "always" => new(ArchiveDefault.Always, always, never),
            "roster" => new(ArchiveDefault.Roster, always, never),
            "never" => new(ArchiveDefault.Never, always, never),
            _ => null,
        };
    }

    /// <summary>The element, with both lists (section 2.1).</summary>
    public Element ToElement(ArchiveDefault server)
    {
        static Element List(string name, IReadOnlySet<Jid> jids) =>
            new Element(name, Ns.Archive).Add(jids.Select(j => new Element("jid", Ns.Archive).Text(j.ToString())).OrderBy(e => e.Value, StringComparer.Ordinal));

        return new Element("prefs", Ns.Archive).Attr("default", NameOf(Default ?? server)).Add(List("always", Always)).Add(List("never", Never));
    }

    private static string NameOf(ArchiveDefault value) => value switch { ArchiveDefault.Always => "always", ArchiveDefault.Roster => "roster", _ => "never" };

    private static bool Names(IReadOnlySet<Jid> list, Jid with) => list.Count > 0 && (list.Contains(with) || list.Contains(with.Bare));

    private static HashSet<Jid>? Lists(Element prefs, string name)
    {
        HashSet<Jid> all = [];
        foreach (var jid in prefs.Child(name)?.ChildrenNamed("jid", Ns.Archive) ?? [])
        {
            if (!Jid.TryParse(jid.Value, out var read)) return null;
            all.Add(read);
        }

        return all;
    }
}
