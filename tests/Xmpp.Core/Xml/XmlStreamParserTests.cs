using System.Text;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using static Parley.Xmpp.Core.Tests.XmlStreams.Parsing;

namespace Parley.Xmpp.Core.Tests.XmlStreams;

public sealed class XmlStreamParserTests
{
    [Fact]
    public void Reading_stops_exactly_behind_an_element()
    {
        var head = Encoding.UTF8.GetBytes(Header);
        byte[] starttls = [.. "<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>"u8];
        byte[] bytes = [.. head, .. starttls, 0x16, 0x03, 0x01];
        var parser = Make();
        Assert.Equal(XmlStreamEventKind.StreamOpened, parser.Advance(bytes, out var first).Kind);
        Assert.Equal(head.Length, first);
        var step = parser.Advance(bytes.AsSpan(first), out var second);
        Assert.True(step.Element!.Is("starttls", Ns.Tls));
        Assert.Equal(starttls.Length, second);
    }

    [Fact]
    public void The_header_comes_with_its_attributes()
    {
        var step = Make().Advance("<?xml version='1.0'?><stream:stream from='a@b' to=\"b&amp;c\" version='1.0' xml:lang='de' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>"u8, out _);
        Assert.Equal(new StreamHeader("a@b", "b&c", null, "1.0"), StreamHeader.Read(step.Element!));
        Assert.Equal("de", step.Element!.Attribute("lang", "http://www.w3.org/XML/1998/namespace"));
    }

    [Fact]
    public void A_header_that_closes_itself_opens_and_closes()
    {
        var transcript = Transcript(Make(), Encoding.UTF8.GetBytes(Header[..^1] + "/>x"), () => 7);
        Assert.Equal(2, transcript.Count);
        Assert.StartsWith("Closed", transcript[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Whoever_declares_the_content_namespace_with_each_stanza_is_understood()
    {
        var transcript = Transcript(Make(), "<stream:stream xmlns:stream='http://etherx.jabber.org/streams'><presence xmlns='jabber:client'/>"u8.ToArray(), () => 9);
        Assert.StartsWith("Element {jabber:client}presence", transcript[1], StringComparison.Ordinal);
    }

    [Fact]
    public void Line_ends_and_white_space_become_what_XML_says()
    {
        var e = Assert.Single(StanzasOf("<a b='1\r\n2\t3&#10;4&#13;'>x\r\ny\rz&#13;</a>"));
        Assert.Equal("1 2 3\n4\r", e["b"]);
        Assert.Equal("x\ny\nz\r", e.Value);
    }

    [Fact]
    public void Names_that_streams_are_full_of_are_shared()
    {
        var two = StanzasOf("<message type='chat'><body>x</body></message><message type='chat'/>");
        Assert.Same("message", two[0].Name);
        Assert.Same(two[0]["type"], two[1]["type"]);
        Assert.Same(Ns.Client, two[0].Namespace);
    }

    [Fact]
    public void A_parser_between_stanzas_holds_next_to_nothing()
    {
        var bytes = Encoding.UTF8.GetBytes(Header + $"<message><body>{new string('x', 8000)}</body></message>");
        var parsers = new XmlStreamParser[2000];
        foreach (var round in new[] { 0, 1 })
        {
            var before = GC.GetTotalMemory(forceFullCollection: true);
            for (var i = 0; i < parsers.Length; i++)
            {
                parsers[i] = Make();
                ReadOnlySpan<byte> rest = bytes;
                while (parsers[i].Advance(rest, out var consumed).Kind != XmlStreamEventKind.NeedMore) rest = rest[consumed..];
            }

            var each = (GC.GetTotalMemory(forceFullCollection: true) - before) / parsers.Length;
            if (round == 1) Assert.InRange(each, -2000, 2000);
            else Array.Clear(parsers);
        }

        GC.KeepAlive(parsers);
    }

    [Fact]
    public void Frames_are_documents_each()
    {
        var parser = Make(isFramed: true);
        Assert.True(parser.Advance("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='b'/>"u8, out _).Element!.Is("open", Ns.Framing));
        Assert.True(parser.IsBetweenElements);
        // The stream's default namespace does not reach into a frame.
        Assert.True(parser.Advance("<message>"u8, out _).Kind == XmlStreamEventKind.NeedMore && !parser.IsBetweenElements);
        Assert.True(parser.Advance("</message>"u8, out _).Element!.Is("message", ""));
        Assert.True(parser.Advance("<stream:error xmlns:stream='http://etherx.jabber.org/streams'/>"u8, out _).Element!.Is("error", Ns.Streams));
    }

    [Fact]
    public void Stream_level_elements_bear_the_prefix_that_clients_look_for()
    {
        var features = new Element("features", Ns.Streams).Add(new Element("bind", Ns.Bind));
        Assert.Equal("<stream:features><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>", Encoding.UTF8.GetString(StreamWriting.ToUtf8(features, isFrame: false)));
        Assert.Equal("<stream:features xmlns:stream='http://etherx.jabber.org/streams'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></stream:features>", Encoding.UTF8.GetString(StreamWriting.ToUtf8(features, isFrame: true)));
        var error = new StreamError(StreamConditions.HostUnknown, "a < b").ToElement();
        Assert.Equal("<stream:error><host-unknown xmlns='urn:ietf:params:xml:ns:xmpp-streams'/><text xmlns='urn:ietf:params:xml:ns:xmpp-streams' xml:lang='en'>a &lt; b</text></stream:error>",
            Encoding.UTF8.GetString(StreamWriting.ToUtf8(error, isFrame: false)));
    }

    [Fact]
    public void A_header_escapes_what_it_repeats()
    {
        var header = Encoding.UTF8.GetString(new StreamHeader("example.org", "o'neill@example.org", "a'b", "1.0").ToUtf8());
        Assert.Equal("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' id='a&apos;b' from='example.org' version='1.0' xml:lang='en'>", header);
        Assert.Equal("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' id='x' from='example.org' to='a@b' version='1.0' xml:lang='en'/>",
            Encoding.UTF8.GetString(new StreamHeader("example.org", "a@b", "x", "1.0").ToFrame()));
    }

    [Fact]
    public void A_stanza_in_a_frame_declares_its_namespace()
    {
        var iq = Iq.Request("get", "1", "a@b", null, new Element("ping", Ns.Ping));
        var frame = StreamWriting.ToFrame(iq);
        Assert.Equal(Encoding.UTF8.GetString(XmlWriting.ToStandaloneUtf8(iq.Element)).Length, frame.Length);
        Assert.Equal(Canonical(iq.Element), Canonical(Make(isFramed: true).Advance(frame, out _).Element!));
    }
}
