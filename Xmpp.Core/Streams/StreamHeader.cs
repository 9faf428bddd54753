using System.Text;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Streams;

/// <summary>A stream header (RFC 6120 section 4.7), or the <c>open</c> of WebSocket framing that stands for it (RFC 7395 section 3.3.2).</summary>
/// <param name="From">The sender, where it says.</param>
/// <param name="To">The addressee as sent.</param>
/// <param name="Id">The stream's id; the accepting side's.</param>
/// <param name="Version">The version; null means a client from before XMPP 1.0.</param>
public sealed record StreamHeader(string? From, string? To, string? Id, string? Version)
{
    /// <summary>Reads a header's attributes.</summary>
    public static StreamHeader Read(Element element) => new(element["from"], element["to"], element["id"], element["version"]);

    /// <summary>The header of a stream on TCP, with the XML declaration.</summary>
    /// <param name="content">The content namespace (RFC 6120 section 4.8.2). Between servers the prefix of dialback is declared too (XEP-0220 section 2.1).</param>
    public byte[] ToUtf8(string content = Ns.Client)
    {
        var text = new StringBuilder($"<?xml version='1.0'?><stream:stream xmlns='{content}' xmlns:stream='{Ns.Streams}'");
        if (content == Ns.Server) text.Append($" xmlns:db='{Ns.Dialback}'");
        // A tag without content, whose attributes are taken over: so that there is one place that escapes.
        var attributes = Encoding.UTF8.GetString(XmlWriting.ToUtf8(Attributes(new Element("s", ""))));
        return Encoding.UTF8.GetBytes(text.Append(attributes.AsSpan()["<s xmlns=''".Length..^"/>".Length]).Append('>').ToString());
    }

    /// <summary>The header as a WebSocket frame.</summary>
    public byte[] ToFrame() => XmlWriting.ToStandaloneUtf8(Attributes(new Element("open", Ns.Framing)));

    private Element Attributes(Element e) =>
        e.Attr("id", Id).Attr("from", From).Attr("to", Jid.TryParse(To, out _) ? To : null).Attr("version", Version).Attr("lang", "en", XmlStreamNames.Xml);
}
