using System.Text;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Streams;

/// <summary>Writes what goes over a stream in the two framings.</summary>
public static class StreamWriting
{
    /// <summary>The closing tag on TCP.</summary>
    public static ReadOnlyMemory<byte> ClosingTag { get; } = "</stream:stream>"u8.ToArray();

    /// <summary>The closing frame on WebSocket (RFC 7395 section 3.6).</summary>
    public static ReadOnlyMemory<byte> ClosingFrame { get; } = XmlWriting.ToStandaloneUtf8(new Element("close", Ns.Framing));

    /// <summary>A stream-level element. Those of the stream's own namespace bear the prefix <c>stream</c>, which many clients look for.</summary>
    /// <param name="element">The element.</param>
    /// <param name="isFrame">Whether it stands alone in a WebSocket frame, so that its namespaces must be declared in it.</param>
    public static byte[] ToUtf8(Element element, bool isFrame)
    {
        if (element.Namespace == Ns.Dialback) return Dialback(element);
        if (element.Namespace != Ns.Streams) return isFrame ? XmlWriting.ToStandaloneUtf8(element) : XmlWriting.ToUtf8(element);
        var text = new StringBuilder("<stream:").Append(element.Name);
        if (isFrame) text.Append(" xmlns:stream='").Append(Ns.Streams).Append('\'');
        text.Append('>');
        foreach (var child in element.Children) text.Append(Encoding.UTF8.GetString(XmlWriting.ToUtf8(child, isFrame ? "" : Ns.Client)));
        return Encoding.UTF8.GetBytes(text.Append("</stream:").Append(element.Name).Append('>').ToString());
    }

    // The header declares the prefix, which old servers look for rather than for the namespace (XEP-0220 section 2.1). What is inside is in the content namespace.
    private static byte[] Dialback(Element element)
    {
        var tag = Encoding.UTF8.GetString(XmlWriting.ToUtf8(element.CopyWithout(_ => true), Ns.Dialback));
        var start = tag.EndsWith("/>", StringComparison.Ordinal) ? tag[..^2] + '>' : tag[..tag.LastIndexOf("</", StringComparison.Ordinal)];
        var text = new StringBuilder("<db:").Append(start, 1, start.Length - 1);
        foreach (var child in element.Children) text.Append(Encoding.UTF8.GetString(XmlWriting.ToUtf8(child)));
        return Encoding.UTF8.GetBytes(text.Append("</db:").Append(element.Name).Append('>').ToString());
    }

    /// <summary>A stanza as a WebSocket frame: its kept form with the content namespace put in, so that a fan-out serializes once here too.</summary>
    public static byte[] ToFrame(Stanza stanza)
    {
        var kept = stanza.Element.ToUtf8().Span;
        var declaration = " xmlns='jabber:client'"u8;
        var at = 1 + Encoding.UTF8.GetByteCount(stanza.Element.Name);
        var frame = new byte[kept.Length + declaration.Length];
        kept[..at].CopyTo(frame);
        declaration.CopyTo(frame.AsSpan(at));
        kept[at..].CopyTo(frame.AsSpan(at + declaration.Length));
        return frame;
    }
}
