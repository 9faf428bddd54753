using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Jingle;

/// <summary>A <c>jingle</c> element (XEP-0166 section 7.1).</summary>
/// <param name="Action">What it asks.</param>
/// <param name="Sid">The session, as its initiator named it.</param>
public sealed record JingleMessage(JingleAction Action, string Sid)
{
    /// <summary>Who began the session; null if not told.</summary>
    public Jid? Initiator { get; init; }

    /// <summary>Who answers for it; null if not told.</summary>
    public Jid? Responder { get; init; }

    /// <summary>The contents.</summary>
    public IReadOnlyList<JingleContent> Contents { get; init; } = [];

    /// <summary>Groups of contents.</summary>
    public IReadOnlyList<JingleGroup> Groups { get; init; } = [];

    /// <summary>The reason; null if none.</summary>
    public JingleReason? Reason { get; init; }

    /// <summary>All other children, for whoever knows them: session-info's payload, a nick, a marker.</summary>
    public IReadOnlyList<Element> Extras { get; init; } = [];

    /// <summary>The names of the contents bundled into one transport (XEP-0338); null if there is no BUNDLE group.</summary>
    public IReadOnlyList<string>? Bundle => Groups.FirstOrDefault(g => g.Semantics == "BUNDLE")?.Contents;

    /// <summary>The first other child of that name and namespace; null if none.</summary>
    public Element? Extra(string name, string ns) => Extras.FirstOrDefault(e => e.Is(name, ns));

    /// <summary>The <c>jingle</c> element.</summary>
    public Element ToElement() => new Element("jingle", Ns.Jingle).Attr("action", JingleNames.Write(Action)).Attr("sid", Sid)
        .Attr("initiator", Initiator?.ToString()).Attr("responder", Responder?.ToString())
        .Add(Groups.Select(g => g.ToElement())).Add(Contents.Select(c => c.ToElement())).Add(Reason?.ToElement()).Add(Extras);

    /// <summary>Reads a <c>jingle</c> element. Unknown children are ignored or kept in <see cref="Extras"/>.</summary>
    /// <returns>False with what is wrong, in words, in <paramref name="fault"/>: to be answered with <c>bad-request</c>.</returns>
    public static bool TryRead(Element element, [NotNullWhen(true)] out JingleMessage? message, [NotNullWhen(false)] out string? fault)
    {
        message = null;
        fault = null;
        try
        {
            message = Read(element);
            return true;
        }
        catch (JingleFaultException e)
        {
            fault = e.Message;
            return false;
        }
    }

    private static JingleMessage Read(Element e)
    {
        if (!e.Is("jingle", Ns.Jingle)) throw new JingleFaultException("not a jingle element");
        if (!JingleNames.TryRead<JingleAction>(e["action"], out var action)) throw new JingleFaultException("jingle has no known 'action'");
        var contents = Reading.List(e.ChildrenNamed("content", Ns.Jingle), JingleLimits.Contents, JingleContent.Read);
        if (contents.DistinctBy(c => (c.Creator, c.Name)).Count() != contents.Count) throw new JingleFaultException("two contents of one name");
        return new JingleMessage(action, Reading.Required(e, "sid"))
        {
            Initiator = ReadJid(e, "initiator"),
            Responder = ReadJid(e, "responder"),
            Contents = contents,
            Groups = Reading.List(e.ChildrenNamed("group", Ns.JingleGrouping), JingleLimits.Groups, JingleGroup.Read),
            Reason = e.Child("reason") is { } reason ? JingleReason.Read(reason) : null,
            Extras = Reading.List(e.Children.Where(c => c.Namespace != Ns.Jingle && c.Namespace != Ns.JingleGrouping), JingleLimits.Extras, c => c),
        };
    }

    private static Jid? ReadJid(Element e, string attribute)
    {
        if (e[attribute] is not { } text) return null;
        return Jid.TryParse(text, out var jid) ? jid : throw new JingleFaultException($"jingle has no address in '{attribute}'");
    }
}
