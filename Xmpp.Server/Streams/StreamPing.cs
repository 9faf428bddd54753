using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Streams;

/// <summary>Asks a silent client for a sign of life (XEP-0199 section 4.1). An error is an answer too.</summary>
internal static class StreamPing
{
    // No session's own: a client answers with the id it was asked by, and the answer is not for the router.
    private const string Id = "parley-are-you-there";

    public static Element Request(Jid client) => new Element("iq", Ns.Client)
        .Attr("type", "get").Attr("id", Id).Attr("from", client.Domain).Attr("to", client.ToString())
        .Add(new Element("ping", Ns.Ping));

    public static bool IsAnswer(Element stanza) => stanza.Name == "iq" && stanza["id"] == Id && stanza["type"] is "result" or "error";
}

/// <summary>Answers session establishment (RFC 3921 section 3), which means nothing any more.</summary>
internal static class LegacySession
{
    public static Element? Answer(Element stanza) =>
        stanza.Name == "iq" && stanza["type"] == "set" && stanza["id"] is { } id && stanza.Child("session", Negotiation.StreamFeatures.SessionNamespace) is not null
            ? new Element("iq", Ns.Client).Attr("type", "result").Attr("id", id)
            : null;
}
