using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Federation.Negotiation;

/// <summary>The elements of dialback (XEP-0220).</summary>
internal static class DialbackElements
{
    /// <summary>The stream feature; errors are understood (section 2.4).</summary>
    public static Element Feature => new Element("dialback", Ns.DialbackFeature).Add("errors");

    /// <summary>A key for the receiving side (section 2.1.1).</summary>
    public static Element Result(string from, string to, string key) => New("result", from, to).Text(key);

    /// <summary>What came of one.</summary>
    public static Element Result(string from, string to, bool isValid) => New("result", from, to).Attr("type", isValid ? "valid" : "invalid");

    /// <summary>A question to the authoritative server (section 2.2.1).</summary>
    public static Element Verify(string from, string to, string id, string key) => New("verify", from, to).Attr("id", id).Text(key);

    /// <summary>Its answer.</summary>
    public static Element Verify(string from, string to, string id, bool isValid) => New("verify", from, to).Attr("id", id).Attr("type", isValid ? "valid" : "invalid");

    /// <summary>An error (section 2.3).</summary>
    public static Element Error(string name, string? from, string? to, string? id, StanzaCondition condition) =>
        new Element(name, Ns.Dialback).Attr("from", from).Attr("to", to).Attr("id", id).Attr("type", "error").Add(new StanzaError(condition).ToElement());

    /// <summary>Reads both addresses, which are domains.</summary>
    public static bool TryAddresses(Element element, out string from, out string to)
    {
        (from, to) = (Domain(element["from"]) ?? "", Domain(element["to"]) ?? "");
        return from.Length > 0 && to.Length > 0;
    }

    /// <summary>An address that is a domain; null if it is another or none.</summary>
    public static string? Domain(string? text) => Jid.TryParse(text, out var jid) && jid is { Local: null, Resource: null } ? jid.Domain : null;

    private static Element New(string name, string from, string to) => new Element(name, Ns.Dialback).Attr("from", from).Attr("to", to);
}
