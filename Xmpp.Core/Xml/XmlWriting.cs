using System.Text;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Writes elements as the strict XML subset of RFC 6120 section 11: UTF-8, no declaration, default namespaces only.</summary>
public static class XmlWriting
{
    private const string XmlNamespace = "http://www.w3.org/XML/1998/namespace";

    /// <summary>Serializes an element for a place where <paramref name="scope"/> is the default namespace in force.</summary>
    public static byte[] ToUtf8(Element element, string scope = "jabber:client")
    {
        var text = new StringBuilder(256);
        Write(text, element, scope);
        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary>Serializes with every namespace declared, as WebSocket framing demands (RFC 7395 section 3.3.3).</summary>
    public static byte[] ToStandaloneUtf8(Element element) => ToUtf8(element, "");

    private static void Write(StringBuilder text, Element element, string scope)
    {
        text.Append('<').Append(element.Name);
        if (element.Namespace != scope) Attribute(text, "xmlns", element.Namespace);
        var prefixes = 0;
        foreach (var a in element.Attributes)
        {
            if (a.Namespace.Length == 0)
            {
                Attribute(text, a.Name, a.Value);
            }
            else if (a.Namespace == XmlNamespace)
            {
                Attribute(text, "xml:" + a.Name, a.Value);
            }
            else
            {
                var prefix = "n" + prefixes++;
                Attribute(text, "xmlns:" + prefix, a.Namespace);
                Attribute(text, prefix + ":" + a.Name, a.Value);
            }
        }

        if (element.Content.Count == 0)
        {
            text.Append("/>");
            return;
        }

        text.Append('>');
        foreach (var item in element.Content)
        {
            if (item is Element child) Write(text, child, element.Namespace);
            else Escape(text, (string)item, attribute: false);
        }

        text.Append("</").Append(element.Name).Append('>');
    }

    private static void Attribute(StringBuilder text, string name, string value)
    {
        text.Append(' ').Append(name).Append("='");
        Escape(text, value, attribute: true);
        text.Append('\'');
    }

    private static void Escape(StringBuilder text, string value, bool attribute)
    {
        foreach (var c in value)
        {
            switch (c)
            {
                case '&': text.Append("&amp;"); break;
                case '<': text.Append("&lt;"); break;
                case '>': text.Append("&gt;"); break;
                case '\'' when attribute: text.Append("&apos;"); break;
                // A literal one would be normalised to a space by the reader (XML 1.0 section 3.3.3).
                case '\t' or '\n' when attribute: text.Append("&#x").Append(((int)c).ToString("X", null)).Append(';'); break;
                case '\r': text.Append("&#xD;"); break;
                default: text.Append(c); break;
            }
        }
    }
}
