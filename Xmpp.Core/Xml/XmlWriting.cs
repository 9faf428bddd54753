using System.Buffers;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Writes elements as the strict XML subset of RFC 6120 section 11: UTF-8, no declaration, default namespaces only.</summary>
public static class XmlWriting
{
    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    // A literal tab or line feed in an attribute would be normalised to a space by the reader (XML 1.0 section 3.3.3).
    private static readonly SearchValues<char> EscapedInText = SearchValues.Create("&<>\r"), EscapedInAttributes = SearchValues.Create("&<>\r'\t\n");

    /// <summary>Serializes an element for a place where <paramref name="scope"/> is the default namespace in force.</summary>
    public static byte[] ToUtf8(Element element, string scope = "jabber:client")
    {
        var text = new Utf8Builder(1024 + (element.Shared?.Utf8?.Length ?? 0));
        Write(ref text, element, scope);
        return text.Take();
    }

    /// <summary>Serializes with every namespace declared, as WebSocket framing demands (RFC 7395 section 3.3.3).</summary>
    public static byte[] ToStandaloneUtf8(Element element) => ToUtf8(element, "");

    private static void Write(ref Utf8Builder text, Element element, string scope)
    {
        text.Append("<"u8);
        text.Append(element.Name);
        if (element.Namespace != scope) Attribute(ref text, "", "xmlns", element.Namespace);
        var prefixes = 0;
        foreach (var a in element.AttributeList)
        {
            if (a.Namespace.Length == 0)
            {
                Attribute(ref text, "", a.Name, a.Value);
            }
            else if (a.Namespace == XmlNamespace)
            {
                Attribute(ref text, "xml:", a.Name, a.Value);
            }
            else
            {
                var prefix = "n" + prefixes++;
                Attribute(ref text, "xmlns:", prefix, a.Namespace);
                Attribute(ref text, prefix + ":", a.Name, a.Value);
            }
        }

        var content = element.ContentList;
        if (content.IsEmpty)
        {
            text.Append("/>"u8);
            return;
        }

        text.Append(">"u8);
        // Within its element the content is written the same wherever the element stands.
        if (element.Shared is { } shared) text.Append(shared.Utf8 ??= ContentOf(element));
        else WriteContent(ref text, element);
        text.Append("</"u8);
        text.Append(element.Name);
        text.Append(">"u8);
    }

    private static void WriteContent(ref Utf8Builder text, Element element)
    {
        foreach (var item in element.ContentList)
        {
            if (item is Element child) Write(ref text, child, element.Namespace);
            else Escape(ref text, (string)item, EscapedInText);
        }
    }

    private static byte[] ContentOf(Element element)
    {
        var text = new Utf8Builder(1024);
        WriteContent(ref text, element);
        return text.Take();
    }

    private static void Attribute(ref Utf8Builder text, string prefix, string name, string value)
    {
        text.Append(" "u8);
        text.Append(prefix);
        text.Append(name);
        text.Append("='"u8);
        Escape(ref text, value, EscapedInAttributes);
        text.Append("'"u8);
    }

    private static void Escape(ref Utf8Builder text, ReadOnlySpan<char> value, SearchValues<char> escaped)
    {
        while (true)
        {
            var at = value.IndexOfAny(escaped);
            if (at < 0)
            {
                text.Append(value);
                return;
            }

            text.Append(value[..at]);
            text.Append(value[at] switch
            {
                '&' => "&amp;"u8,
                '<' => "&lt;"u8,
                '>' => "&gt;"u8,
                '\'' => "&apos;"u8,
                '\t' => "&#x9;"u8,
                '\n' => "&#xA;"u8,
                _ => "&#xD;"u8,
            });
            value = value[(at + 1)..];
        }
    }
}
