using System.Xml;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>What browsers really offer, in the words of the call page (Fixtures/make.mjs).</summary>
internal static class Fixture
{
    public static Element Initiate(string browser, string sid, string page, string token, string nick) => Read(Text($"{browser}-initiate.xml")
        .Replace("SID", sid, StringComparison.Ordinal).Replace("PAGE", page, StringComparison.Ordinal).Replace("TOKEN", token, StringComparison.Ordinal).Replace("NICK", nick, StringComparison.Ordinal));

    public static Element Read(string xml)
    {
        using var reader = XmlReader.Create(new StringReader(xml), new XmlReaderSettings { IgnoreWhitespace = true });
        reader.MoveToContent();
        return ReadElement(reader);
    }

    private static string Text(string name)
    {
        using var stream = typeof(Fixture).Assembly.GetManifestResourceStream($"FocusAgent.Fixtures.{name}") ?? throw new FileNotFoundException(name);
        return new StreamReader(stream).ReadToEnd();
    }

    private static Element ReadElement(XmlReader reader)
    {
        var element = new Element(reader.LocalName, reader.NamespaceURI);
        var isEmpty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI != "http://www.w3.org/2000/xmlns/") element.Attr(reader.LocalName, reader.Value, reader.NamespaceURI);
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
