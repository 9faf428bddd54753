using System.Xml;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Storage;

/// <summary>Elements at rest: their UTF-8 form as inside a <c>jabber:client</c> stream. They were judged by the stream's parser when they came.</summary>
internal static class StoredXml
{
    private const string Xmlns = "http://www.w3.org/2000/xmlns/";
    private static readonly XmlReaderSettings Settings = new() { ConformanceLevel = ConformanceLevel.Fragment, DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null };

    /// <summary>The form to keep.</summary>
    public static byte[] Write(Element element) => element.ToUtf8().ToArray();

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    public static Element Read(byte[] bytes)
    {
        var names = new NameTable();
        var namespaces = new XmlNamespaceManager(names);
        namespaces.AddNamespace("", Ns.Client);
        using var reader = XmlReader.Create(new MemoryStream(bytes), Settings, new XmlParserContext(names, namespaces, null, XmlSpace.Default));
        reader.MoveToContent();
        return ReadElement(reader).Freeze();
    }

    private static Element ReadElement(XmlReader reader)
    {
        var element = new Element(reader.LocalName, reader.NamespaceURI);
        var isEmpty = reader.IsEmptyElement;
        for (var more = reader.MoveToFirstAttribute(); more; more = reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI != Xmlns) element.Attr(reader.LocalName, reader.Value, reader.NamespaceURI);
        }

        if (isEmpty) return element;
        while (reader.Read() && reader.NodeType != XmlNodeType.EndElement)
        {
            if (reader.NodeType == XmlNodeType.Element) element.Add(ReadElement(reader));
            else element.Text(reader.Value);
        }

        return element;
    }
}
