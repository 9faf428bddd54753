using System.Xml;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage.Portable;

/// <summary>Elements in XML documents, where they stand among others. What is read is bounded.</summary>
internal static class ElementXml
{
    /// <summary>The most characters of names, values and text of one piece: a picture in a vCard fits many times.</summary>
    public const int MaxCharacters = 16 * 1024 * 1024;

    /// <summary>The deepest nesting.</summary>
    public const int MaxDepth = 100;

    private const string Xmlns = "http://www.w3.org/2000/xmlns/";
    private const string Xml = "http://www.w3.org/XML/1998/namespace";

    /// <summary>Writes an element with all in it.</summary>
    public static void Write(XmlWriter writer, Element element)
    {
        writer.WriteStartElement(element.Name, element.Namespace);
        foreach (var a in element.Attributes)
        {
            if (a.Namespace == Xml) writer.WriteAttributeString("xml", a.Name, Xml, a.Value);
            else writer.WriteAttributeString(a.Name, a.Namespace, a.Value);
        }

        foreach (var content in element.Content)
        {
            if (content is Element child) Write(writer, child);
            else writer.WriteString((string)content);
        }

        writer.WriteEndElement();
    }

    /// <summary>Reads the element that begins here, to behind its end.</summary>
    /// <exception cref="FormatException">It is too large or too deep; it was skipped.</exception>
    public static Element Read(XmlReader reader, out int characters)
    {
        var left = MaxCharacters;
        var element = Read(reader, 0, ref left);
        characters = MaxCharacters - left;
        reader.Read();
        return left >= 0 ? element.Freeze() : throw new FormatException($"<{element.Name}/> is larger than {MaxCharacters} characters or nested deeper than {MaxDepth} elements");
    }

    private static Element Read(XmlReader reader, int depth, ref int left)
    {
        var element = new Element(reader.LocalName, reader.NamespaceURI);
        var isEmpty = reader.IsEmptyElement;
        left -= element.Name.Length;
        for (var more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
        {
            left -= reader.Value.Length;
            if (reader.NamespaceURI != Xmlns && left >= 0) element.Attr(reader.LocalName, reader.Value, reader.NamespaceURI);
        }

        reader.MoveToElement();
        if (isEmpty) return element;
        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            switch (reader.NodeType)
            {
                case XmlNodeType.Element when depth + 1 >= MaxDepth || left < 0:
                    left = -1;
                    // As Skip, but to the end of this element and not behind it.
                    if (!reader.IsEmptyElement) SkipContent(reader);
                    break;
                case XmlNodeType.Element:
                    element.Add(Read(reader, depth + 1, ref left));
                    break;
                case XmlNodeType.Text or XmlNodeType.CDATA or XmlNodeType.Whitespace or XmlNodeType.SignificantWhitespace:
                    left -= reader.Value.Length;
                    if (left >= 0) element.Text(reader.Value);
                    break;
            }
        }

        return element;
    }

    private static void SkipContent(XmlReader reader)
    {
        var depth = reader.Depth;
        while (reader.Read() && !(reader.NodeType == XmlNodeType.EndElement && reader.Depth == depth))
        {
            // On to its end.
        }
    }
}
