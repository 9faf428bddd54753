using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Stanzas;

/// <summary>A routed unit (RFC 6120 section 8): <see cref="Message"/>, <see cref="Presence"/> or <see cref="Iq"/>. Wraps a frozen element in <c>jabber:client</c>.</summary>
public abstract class Stanza
{
    private protected Stanza(Element element, Jid? from, Jid? to) => (Element, From, To) = (element.Freeze(), from, to);

    /// <summary>The whole stanza.</summary>
    public Element Element { get; }

    /// <summary>The sender. Stamped by the server on everything that it routes, so a handler may rely on it.</summary>
    public Jid? From { get; }

    /// <summary>The addressee; null for the sender's own account.</summary>
    public Jid? To { get; }

    /// <summary>The <c>id</c> attribute.</summary>
    public string? Id => Element["id"];

    /// <summary>The <c>type</c> attribute as sent.</summary>
    public string? Type => Element["type"];

    /// <summary>Whether this reports an error.</summary>
    public bool IsError => Type == "error";

    /// <summary>Reads a stanza from an element, validating its addresses and, for IQ, its type, id and child (RFC 6120 section 8.2.3).</summary>
    /// <returns>False with the condition to answer (or the fact that it is no stanza at all: <c>UndefinedCondition</c>) in <paramref name="error"/>.</returns>
    public static bool TryRead(Element element, [NotNullWhen(true)] out Stanza? stanza, out StanzaCondition error)
    {
        stanza = null;
        error = StanzaCondition.UndefinedCondition;
        if (element.Namespace != Ns.Client) return false;
        Jid? from = null, to = null;
        error = StanzaCondition.JidMalformed;
        if (element["from"] is { } f && !Jid.TryParse(f, out from)) return false;
        if (element["to"] is { } t && !Jid.TryParse(t, out to)) return false;
        switch (element.Name)
        {
            case "message":
                stanza = new Message(element, from, to);
                return true;
            case "presence":
                stanza = new Presence(element, from, to);
                return true;
            case "iq":
                error = StanzaCondition.BadRequest;
                if (element["id"] is null) return false;
                var children = element.Children.Count();
                if (element["type"] is not ("get" or "set" or "result" or "error")) return false;
                if (element["type"] is "get" or "set" && children != 1) return false;
                stanza = new Iq(element, from, to);
                return true;
            default:
                error = StanzaCondition.UndefinedCondition;
                return false;
        }
    }

    /// <summary>The same stanza with other addresses (null keeps what there is).</summary>
    public Stanza WithAddresses(Jid? from = null, Jid? to = null)
    {
        if ((from is null || from == From) && (to is null || to == To)) return this;
        var copy = Element.Copy();
        if (from is not null) copy.Attr("from", from.ToString());
        if (to is not null) copy.Attr("to", to.ToString());
        return this switch
        {
            Iq => new Iq(copy, from ?? From, to ?? To),
            Message => new Message(copy, from ?? From, to ?? To),
            _ => new Presence(copy, from ?? From, to ?? To),
        };
    }

    /// <summary>The same stanza for one of many recipients, with another id where one is given. The copies share what is in it (<see cref="Element.CopyFor"/>).</summary>
    public Stanza CopyFor(Jid to, string? id = null)
    {
        var copy = Element.CopyFor(to.ToString(), id ?? Id);
        return this switch
        {
            Iq => new Iq(copy, From, to),
            Message => new Message(copy, From, to),
            _ => new Presence(copy, From, to),
        };
    }

    /// <summary>The error answer to this stanza (RFC 6120 section 8.3): addresses swapped, same id, without the original content.</summary>
    public Stanza ErrorReply(StanzaError error)
    {
        var element = new Element(Element.Name, Ns.Client).Attr("type", "error");
        if (Id is not null) element.Attr("id", Id);
        if (To is not null) element.Attr("from", To.ToString());
        if (From is not null) element.Attr("to", From.ToString());
        element.Add(error.ToElement());
        return this switch
        {
            Iq => new Iq(element, To, From),
            Message => new Message(element, To, From),
            _ => new Presence(element, To, From),
        };
    }
}

/// <summary>A message stanza (RFC 6121 section 5).</summary>
public sealed class Message : Stanza
{
    internal Message(Element element, Jid? from, Jid? to) : base(element, from, to) { }

    /// <summary>Makes a message of an element whose addresses are valid.</summary>
    public Message(Element element) : this(element, JidOf(element, "from"), JidOf(element, "to")) { }

    /// <summary>The plain-text body; null if none.</summary>
    public string? Body => Element.Child("body", Ns.Client)?.Value;

    internal static Jid? JidOf(Element e, string attribute) => e[attribute] is { } text ? Jid.Parse(text) : null;
}

/// <summary>A presence stanza (RFC 6121 section 4).</summary>
public sealed class Presence : Stanza
{
    internal Presence(Element element, Jid? from, Jid? to) : base(element, from, to) { }

    /// <summary>Makes a presence of an element whose addresses are valid.</summary>
    public Presence(Element element) : this(element, Message.JidOf(element, "from"), Message.JidOf(element, "to")) { }

    /// <summary>Whether this says "available" (no type).</summary>
    public bool IsAvailable => Type is null;

    /// <summary>The priority, -128 to 127 (RFC 6121 section 4.7.2.3); 0 if absent or out of range.</summary>
    public int Priority => int.TryParse(Element.Child("priority", Ns.Client)?.Value, System.Globalization.NumberStyles.AllowLeadingSign, null, out var p) && p is >= -128 and <= 127 ? p : 0;
}

/// <summary>An IQ stanza (RFC 6120 section 8.2.3).</summary>
public sealed class Iq : Stanza
{
    internal Iq(Element element, Jid? from, Jid? to) : base(element, from, to) { }

    /// <summary>Makes an IQ of an element whose addresses are valid.</summary>
    public Iq(Element element) : this(element, Message.JidOf(element, "from"), Message.JidOf(element, "to")) { }

    /// <summary>Whether this asks (get or set) and so must be answered.</summary>
    public bool IsRequest => Type is "get" or "set";

    /// <summary>The first child; null in an empty result.</summary>
    public Element? Payload => Element.Children.FirstOrDefault(e => e.Name != "error" || e.Namespace != Ns.Client);

    /// <summary>A new request. <paramref name="type"/> is <c>get</c> or <c>set</c>.</summary>
    public static Iq Request(string type, string id, Jid? from, Jid? to, Element payload) =>
        new(new Element("iq", Ns.Client).Attr("type", type).Attr("id", id).Attr("from", from?.ToString()).Attr("to", to?.ToString()).Add(payload), from, to);

    /// <summary>The result of this request, with or without a payload.</summary>
    public Iq Result(Element? payload = null) =>
        new(new Element("iq", Ns.Client).Attr("type", "result").Attr("id", Id).Attr("from", To?.ToString()).Attr("to", From?.ToString()).Add(payload), To, From);
}
