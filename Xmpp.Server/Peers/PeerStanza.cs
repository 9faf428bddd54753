using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Peers;

/// <summary>Reads what a component or another server sent: whole stanzas with both addresses (RFC 6120 section 8.1.1.2 and 8.1.2.2, XEP-0114).</summary>
internal static class PeerStanza
{
    /// <summary>Whether an element is a stanza at all.</summary>
    public static bool IsOne(Element element) => element.Namespace == Ns.Client && element.Name is "message" or "presence" or "iq";

    /// <summary>Reads the sender's address.</summary>
    public static bool TryFrom(Element element, [NotNullWhen(true)] out Jid? from) => Jid.TryParse(element["from"], out from);

    /// <summary>Reads a stanza whose sender is judged already.</summary>
    /// <returns>The stanza to route; else what to answer with, null for nothing.</returns>
    public static (Stanza? Stanza, Stanza? Refusal) Read(Element element)
    {
        if (string.IsNullOrEmpty(element["to"])) return (null, Refuse(element, StanzaCondition.BadRequest));
        if (!Stanza.TryRead(Prepared(element), out var stanza, out var condition)) return (null, Refuse(element, condition));
        return stanza switch
        {
            // RFC 6121 section 3.1.3: both addresses of a subscription stanza are bare.
            Presence { Type: "subscribe" or "subscribed" or "unsubscribe" or "unsubscribed" } p => (p.WithAddresses(p.From!.Bare, p.To!.Bare), null),
            Presence { Type: not (null or "unavailable" or "probe" or "error") } => (null, Refuse(element, StanzaCondition.BadRequest)),
            _ => (stanza, null),
        };
    }

    // Clients compare addresses as text, so that each has one spelling.
    private static Element Prepared(Element element)
    {
        foreach (var name in (ReadOnlySpan<string>)["from", "to"])
        {
            if (Jid.TryParse(element[name], out var jid) && jid.ToString() is var prepared && prepared != element[name]) element.Attr(name, prepared);
        }

        return element;
    }

    // An answer or error is never answered (RFC 6120 section 8.3.1). The answer comes from whom it was for, where that is an address.
    private static Stanza? Refuse(Element sent, StanzaCondition condition)
    {
        if (sent["type"] is "error" || (sent.Name == "iq" && sent["type"] is "result")) return null;
        var answer = new Element(sent.Name, Ns.Client).Attr("type", "error").Attr("id", sent["id"]).Attr("from", Jid.TryParse(sent["to"], out var to) ? to.ToString() : null).Attr("to", sent["from"]);
        answer.Add(new StanzaError(condition).ToElement());
        return sent.Name switch
        {
            "iq" => new Iq(answer),
            "message" => new Message(answer),
            _ => new Presence(answer),
        };
    }
}
