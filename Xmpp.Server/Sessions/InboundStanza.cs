using System.Globalization;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Reads what a client sent: judges and stamps its addresses (RFC 6120 section 8.1.2.1), and refuses what is malformed.</summary>
internal static class InboundStanza
{
    /// <summary>Reads one element of the session with the address <paramref name="self"/>.</summary>
    /// <returns>The stanza to route, or a stream error to end with, or a stanza error to write back; or none of them: to be ignored.</returns>
    public static (Stanza? Stanza, string? StreamError, Stanza? Refusal) Read(Element element, Jid self)
    {
        if (element.Namespace != Ns.Client || element.Name is not ("message" or "presence" or "iq")) return (null, "unsupported-stanza-type", null);
        if (element["from"] is { } claimed && !(Jid.TryParse(claimed, out var from) && (from == self || from == self.Bare))) return (null, "invalid-from", null);

        var stamped = element.IsFrozen ? element.Copy() : element;
        stamped.Attr("from", self.ToString());
        if (!Stanza.TryRead(stamped, out var stanza, out var condition)) return (null, null, Refuse(stamped, self, condition));
        return stanza switch
        {
            Presence { Type: "subscribe" or "subscribed" or "unsubscribe" or "unsubscribed" } p => Subscription(p, self),
            Presence { Type: not (null or "unavailable" or "probe" or "error") } => (null, null, Refuse(stamped, self, StanzaCondition.BadRequest)),
            Presence { Type: null } when !IsProper(stanza.Element) => (null, null, Refuse(stamped, self, StanzaCondition.BadRequest)),
            Presence { To: null, Type: "probe" or "error" } => default, // neither has a meaning without an addressee
            Message { To: null } => (stanza.WithAddresses(to: self.Bare), null, null), // RFC 6120 section 10.3.1
            _ => (stanza, null, null),
        };
    }

    // RFC 6121 sections 4.7.2.1 and 4.7.2.3: one show at most, and a priority that is one.
    private static bool IsProper(Element presence)
    {
        if (presence.ChildrenNamed("show", Ns.Client).Skip(1).Any()) return false;
        var priorities = presence.ChildrenNamed("priority", Ns.Client).Take(2).ToList();
        return priorities.Count < 2 && priorities.TrueForAll(p => sbyte.TryParse(p.Value, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _));
    }

    // RFC 6121 section 3.1.2: both addresses of a subscription stanza are bare.
    private static (Stanza?, string?, Stanza?) Subscription(Presence presence, Jid self) =>
        presence.To is null ? (null, null, Refuse(presence.Element, self, StanzaCondition.BadRequest)) : (presence.WithAddresses(self.Bare, presence.To.Bare), null, null);

    // The addressee may be what is wrong, so the answer comes from the server itself, without `from` (RFC 6120 section 8.1.2.1). An answer or error is never answered.
    private static Stanza? Refuse(Element sent, Jid self, StanzaCondition condition)
    {
        if (sent["type"] is "error" || (sent.Name == "iq" && sent["type"] is "result")) return null;
        var answer = new Element(sent.Name, Ns.Client).Attr("type", "error").Attr("id", sent["id"]).Attr("to", self.ToString());
        answer.Add(new StanzaError(condition).ToElement());
        return sent.Name switch
        {
            "iq" => new Iq(answer),
            "message" => new Message(answer),
            _ => new Presence(answer),
        };
    }
}
