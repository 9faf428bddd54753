using System.Text;
using System.Xml;
using FsCheck;
using FsCheck.Fluent;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Tests.XmlStreams;

public sealed class XmlStreamParserPropertyTests
{
    private static readonly XmlStreamLimits Wide = new() { StanzaBytes = 1 << 20 };

    [Fact]
    public void Any_chunking_gives_the_same_stanzas_and_the_same_positions() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = Stream(random, random.Next(1, 4));
        var whole = Parsing.Transcript(Parsing.Make(Wide), bytes, () => int.MaxValue);
        Assert.Equal("Closed at " + bytes.Length, whole[^1]);
        Assert.Equal(whole, Parsing.Transcript(Parsing.Make(Wide), bytes, () => 1));
        Assert.Equal(whole, Parsing.Transcript(Parsing.Make(Wide), bytes, () => random.Next(1, 40)));
    });

    [Fact]
    public void Any_chunking_gives_the_same_fault() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = Mutate(random, Stream(random, 2));
        var limits = Wide with { StanzaBytes = random.Next(50, 2000), Nodes = 40, Depth = 4, Attributes = 6 };
        var whole = Parsing.Transcript(Parsing.Make(limits), bytes, () => int.MaxValue);
        Assert.Equal(whole, Parsing.Transcript(Parsing.Make(limits), bytes, () => 1));
        Assert.Equal(whole, Parsing.Transcript(Parsing.Make(limits), bytes, () => random.Next(1, 40)));
    });

    [Fact]
    public void Documents_read_as_System_Xml_reads_them() => Check(seed =>
    {
        var document = new XmlDocuments(new Random(seed)).Document();
        Assert.Equal(Oracle(Encoding.UTF8.GetBytes(document)), Ours(Encoding.UTF8.GetBytes(document)));
    });

    [Fact]
    public void Mutated_documents_are_refused_exactly_where_System_Xml_refuses_them_or_RFC_6120_does() => Check(seed =>
    {
        var random = new Random(seed);
        var bytes = Mutate(random, Encoding.UTF8.GetBytes(new XmlDocuments(random).Document()));
        var ours = Ours(bytes);
        // System.Xml takes what RFC 6120 section 11.1 forbids, and knows the names of an older edition of XML.
        if (ours == "Fault " + StreamConditions.RestrictedXml) return;
        var oracle = Oracle(bytes);
        if (oracle is null && ours?.Any(c => c >= 0x80) == true) return;
        Assert.Equal(oracle, ours?.StartsWith("Fault", StringComparison.Ordinal) == true ? null : ours);
    });

    [Fact]
    public void What_is_written_reads_back() => Check(seed =>
    {
        var document = Ours(Encoding.UTF8.GetBytes(new XmlDocuments(new Random(seed)).Document()), out var element);
        Assert.NotNull(element);
        Assert.Equal(document, Ours(XmlWriting.ToStandaloneUtf8(element)));
        Assert.Equal(document, Parsing.Canonical(Assert.Single(Parsing.StanzasOf(Encoding.UTF8.GetString(XmlWriting.ToUtf8(element)), Wide))));
    });

    private static void Check(Action<int> property) =>
        Prop.ForAll(ArbMap.Default.ArbFor<int>(), property).Check(Config.QuickThrowOnFailure.WithMaxTest(400).WithStartSize(1).WithEndSize(int.MaxValue / 2));

    private static byte[] Stream(Random random, int stanzas)
    {
        var documents = new XmlDocuments(random);
        var text = new StringBuilder(random.Next(2) == 0 ? "<?xml version='1.0'?>\n" : "").Append(Parsing.Header);
        for (var i = 0; i < stanzas; i++) text.Append(random.Next(2) == 0 ? " \n" : "").Append(documents.Document());
        return Encoding.UTF8.GetBytes(text.Append("</stream:stream>").ToString());
    }

    private static byte[] Mutate(Random random, byte[] bytes)
    {
        byte[] interesting = [.. "<>&;'\"=/:!?[]-x \n#"u8, 0, 0x1F, 0x80, 0xC0, 0xE2, 0xEF, 0xF5, 0xFF];
        var list = bytes.ToList();
        for (var i = random.Next(1, 4); i > 0; i--)
        {
            var at = random.Next(list.Count);
            switch (random.Next(3))
            {
                case 0: list[at] = interesting[random.Next(interesting.Length)]; break;
                case 1: list.Insert(at, interesting[random.Next(interesting.Length)]); break;
                default: list.RemoveAt(at); break;
            }
        }

        return [.. list];
    }

    private static string? Ours(byte[] bytes) => Ours(bytes, out _);

    private static string? Ours(byte[] bytes, out Element? element)
    {
        var parser = Parsing.Make(Wide, isFramed: true);
        var step = parser.Advance(bytes, out var consumed);
        element = step.Element;
        if (step.Kind == XmlStreamEventKind.Fault) return "Fault " + step.Error!.Condition;
        if (element is null) return null;
        var end = parser.Advance(bytes.AsSpan(consumed), out _);
        return end.Kind == XmlStreamEventKind.NeedMore && parser.IsBetweenElements ? Parsing.Canonical(element) : null;
    }

    private static string? Oracle(byte[] bytes)
    {
        try
        {
            var text = new UTF8Encoding(false, true).GetString(bytes);
            using var reader = XmlReader.Create(new StringReader(text), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit });
            reader.MoveToContent();
            var element = Read(reader);
            while (reader.Read())
            {
                if (reader.NodeType != XmlNodeType.Whitespace) return null;
            }

            return Parsing.Canonical(element);
        }
        catch (Exception e) when (e is XmlException or ArgumentException)
        {
            return null;
        }
    }

    private static Element Read(XmlReader reader)
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
            if (reader.NodeType == XmlNodeType.Element) element.Add(Read(reader));
            else element.Text(reader.Value);
        }

        return element;
    }
}
