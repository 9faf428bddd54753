using System.Text;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using static Parley.Xmpp.Core.Tests.XmlStreams.Parsing;

namespace Parley.Xmpp.Core.Tests.XmlStreams;

public sealed class XmlStreamParserFaultTests
{
    [Theory]
    [InlineData("<!DOCTYPE a>")]
    [InlineData("<!DOCTYPE lolz [<!ENTITY lol 'lol'>]>")]
    [InlineData("<!-- hello -->")]
    [InlineData("<?php echo 1 ?>")]
    [InlineData("<?xml-stylesheet href='x'?>")]
    [InlineData("<a>&nbsp;</a>")]
    [InlineData("<a b='&own;'/>")]
    [InlineData("<a><!-- --></a>")]
    [InlineData("<a><?x?></a>")]
    [InlineData("<?xml version='1.0'?>")]
    [InlineData("<a><?xml version='1.0'?></a>")]
    public void What_RFC_6120_forbids_is_restricted_xml(string xml) => Assert.Equal(StreamConditions.RestrictedXml, FaultOf(Header + xml));

    [Theory]
    [InlineData("<!DOCTYPE stream:stream SYSTEM 'x'>")]
    [InlineData(" <?xml version='1.0'?>")]
    public void It_is_so_before_the_header_too(string xml) => Assert.Equal(StreamConditions.RestrictedXml, FaultOf(xml + Header));

    [Theory]
    [InlineData("<a b='1' b='2'/>")]
    [InlineData("<a xmlns:p='urn:a' xmlns:q='urn:a' p:x='1' q:x='2'/>")]
    [InlineData("<a xmlns:p='urn:a' xmlns:p='urn:b'/>")]
    [InlineData("<p:a/>")]
    [InlineData("<a p:b='1'/>")]
    [InlineData("<a><b xmlns:p='urn:a'/><p:c/></a>")]
    [InlineData("<a xmlns:p=''/>")]
    [InlineData("<a xmlns:xml='urn:a'/>")]
    [InlineData("<a xmlns:p='http://www.w3.org/XML/1998/namespace'/>")]
    [InlineData("<a xmlns:xmlns='urn:a'/>")]
    [InlineData("<a xmlns='http://www.w3.org/2000/xmlns/'/>")]
    [InlineData("<a></b>")]
    [InlineData("<a xmlns:p='jabber:client'></p:a>")]
    [InlineData("<a/ >")]
    [InlineData("<a b=1/>")]
    [InlineData("<a b/>")]
    [InlineData("<a b='1'c='2'/>")]
    [InlineData("<a b='<'/>")]
    [InlineData("<a>]]></a>")]
    [InlineData("<a>&</a>")]
    [InlineData("<a>&#0;</a>")]
    [InlineData("<a>&#xD800;</a>")]
    [InlineData("<a>&#x110000;</a>")]
    [InlineData("<a>&#99999999999999999999;</a>")]
    [InlineData("<a>&# 65;</a>")]
    [InlineData("<a>&#-65;</a>")]
    [InlineData("<a>&#x;</a>")]
    [InlineData("<a>\u0001</a>")]
    [InlineData("<a>\uFFFE</a>")]
    [InlineData("<a b='\u0000'/>")]
    [InlineData("<>")]
    [InlineData("</>")]
    [InlineData("<1a/>")]
    [InlineData("<:a/>")]
    [InlineData("<a:/>")]
    [InlineData("<a:b:c/>")]
    [InlineData("< a/>")]
    [InlineData("</stream:stream x")]
    [InlineData("</other>")]
    public void What_is_no_namespaced_XML_is_not_well_formed(string xml) => Assert.Equal(StreamConditions.NotWellFormed, FaultOf(Header + xml + ">"));

    // Without prefixes, as it is written out again, each of these spells its namespace anew: some kilobytes would become megabytes for everybody who gets them.
    [Theory]
    [InlineData("<x xmlns:p='{0}'>{1}</x>", "<p:a/>")]
    [InlineData("<x xmlns:p='{0}'>{1}</x>", "<a p:b=''/>")]
    [InlineData("<x xmlns='{0}' xmlns:p='urn:a'>{1}</x>", "<p:a><b/></p:a>")]
    public void A_long_namespace_used_often_is_a_policy_violation(string stanza, string use)
    {
        var ns = "urn:" + new string('n', 2000);
        string Using(int times) => Header + stanza.Replace("{0}", ns, StringComparison.Ordinal).Replace("{1}", string.Concat(Enumerable.Repeat(use, times)), StringComparison.Ordinal);
        Assert.Null(FaultOf(Using(5)));
        Assert.Null(FaultOf(Using(5) + Using(5)[Header.Length..]));
        Assert.Equal(StreamConditions.PolicyViolation, FaultOf(Using(50)));
    }

    [Theory]
    [InlineData(new byte[] { 0xC0, 0xAF })] // overlong slash
    [InlineData(new byte[] { 0xE0, 0x80, 0xBC })] // overlong <
    [InlineData(new byte[] { 0xF0, 0x80, 0x80, 0xBC })]
    [InlineData(new byte[] { 0xED, 0xA0, 0x80 })] // a surrogate
    [InlineData(new byte[] { 0xF4, 0x90, 0x80, 0x80 })] // above U+10FFFF
    [InlineData(new byte[] { 0x80 })]
    [InlineData(new byte[] { 0xE2, 0x82 })] // truncated by the tag behind it
    [InlineData(new byte[] { 0xFF, 0xFE })]
    public void What_is_no_UTF_8_is_an_unsupported_encoding(byte[] bad)
    {
        Assert.Equal(StreamConditions.UnsupportedEncoding, FaultOf([.. Encoding.UTF8.GetBytes(Header + "<a>"), .. bad, .. "</a>"u8]));
        Assert.Equal(StreamConditions.UnsupportedEncoding, FaultOf([.. Encoding.UTF8.GetBytes(Header + "<a b='"), .. bad, .. "'/>"u8]));
        Assert.Equal(StreamConditions.UnsupportedEncoding, FaultOf([.. Encoding.UTF8.GetBytes(Header + "<a"), .. bad, .. "/>"u8]));
    }

    [Theory]
    [InlineData("<?xml version='1.0' encoding='ISO-8859-1'?>", StreamConditions.UnsupportedEncoding)]
    [InlineData("<?xml version='1.0' encoding='UTF-16'?>", StreamConditions.UnsupportedEncoding)]
    [InlineData("<?xml version='1.1'?>", StreamConditions.NotWellFormed)]
    [InlineData("<?xml encoding='UTF-8'?>", StreamConditions.NotWellFormed)]
    [InlineData("<?xml version='1.0' standalone='maybe'?>", StreamConditions.NotWellFormed)]
    [InlineData("<?xml version='1.0' standalone='yes' encoding='UTF-8'?>", StreamConditions.NotWellFormed)]
    [InlineData("<?xml?>", StreamConditions.RestrictedXml)]
    [InlineData("<?xml version='1.0'?>", null)]
    [InlineData("<?xml version=\"1.0\" encoding=\"utf-8\" standalone='yes' ?>\r\n", null)]
    public void The_declaration_says_1_0_and_UTF_8(string declaration, string? condition) => Assert.Equal(condition, FaultOf(declaration + Header));

    [Theory]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='urn:other'>", StreamConditions.InvalidNamespace)]
    [InlineData("<stream:stream xmlns='jabber:other' xmlns:stream='http://etherx.jabber.org/streams'>", StreamConditions.InvalidNamespace)]
    [InlineData("<s:stream xmlns='jabber:client' xmlns:s='http://etherx.jabber.org/streams'>", StreamConditions.BadNamespacePrefix)]
    [InlineData("<stream xmlns='http://etherx.jabber.org/streams'>", StreamConditions.BadNamespacePrefix)]
    [InlineData("<stream:other xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>", StreamConditions.BadFormat)]
    [InlineData("<message xmlns='jabber:client'/>", StreamConditions.InvalidNamespace)]
    [InlineData("GET / HTTP/1.1\r\n\r\n", StreamConditions.BadFormat)]
    [InlineData("\u0016\u0003\u0001", StreamConditions.BadFormat)]
    [InlineData("\uFEFF<a/>", StreamConditions.BadFormat)]
    public void A_stream_begins_with_its_header(string xml, string condition) => Assert.Equal(condition, FaultOf(xml));

    [Theory]
    [InlineData("hello")]
    [InlineData("<a/>hello")]
    [InlineData("<a/>&lt;")]
    [InlineData("<![CDATA[ ]]>")]
    public void Text_beside_stanzas_is_bad_format(string xml) => Assert.Equal(StreamConditions.BadFormat, FaultOf(Header + xml));

    [Fact]
    public void A_truncated_stream_is_no_fault_and_no_stanza()
    {
        var transcript = Transcript(Make(), Encoding.UTF8.GetBytes(Header + "<message><body>half</bo"), () => 5);
        Assert.StartsWith("StreamOpened", Assert.Single(transcript), StringComparison.Ordinal);
    }

    [Fact]
    public void Every_limit_is_a_policy_violation_just_beyond_it_and_none_at_it()
    {
        var limits = new XmlStreamLimits { StanzaBytes = 1000, Depth = 4, Attributes = 5, NameBytes = 14, Nodes = 8, Namespaces = 5 };
        Holds(s => "<a>" + new string('x', s - 7) + "</a>", 1000);
        Holds(s => "<a b='" + new string('x', s - 9) + "'/>", 1000);
        Holds(s => "<a><![CDATA[" + new string('x', s - 19) + "]]></a>", 1000);
        Holds(d => string.Concat(Enumerable.Repeat("<a>", d)) + string.Concat(Enumerable.Repeat("</a>", d)), 4);
        Holds(n => "<a " + string.Join(" ", Enumerable.Range(0, n).Select(i => $"b{i}=''")) + "/>", 5);
        Holds(n => $"<{new string('a', n)}/>", 14);
        Holds(n => $"<a {new string('b', n)}=''/>", 14);
        Holds(n => $"<a>{string.Concat(Enumerable.Repeat("<b/>", n - 1))}</a>", 8);
        Holds(n => $"<a>{string.Concat(Enumerable.Repeat("<![CDATA[]]>", n - 1))}</a>", 8);
        // The header declares two.
        Holds(n => $"<a xmlns='urn:0'><b {string.Join(" ", Enumerable.Range(3, n - 3).Select(i => $"xmlns:p{i}='urn:{i}'"))}/></a>", 5);

        void Holds(Func<int, string> make, int most)
        {
            Assert.Null(FaultOf(Header + make(most) + make(most), limits));
            Assert.Equal(StreamConditions.PolicyViolation, FaultOf(Header + make(most + 1), limits));
        }
    }

    [Fact]
    public void The_header_is_bounded_too() =>
        Assert.Equal(StreamConditions.PolicyViolation, FaultOf("<stream:stream to='" + new string('x', 20_000)));

    [Fact]
    public void White_space_between_stanzas_is_free() =>
        Assert.Equal(2, StanzasOf("<a/>" + new string(' ', 5000) + "<b/>" + new string('\n', 5000), new XmlStreamLimits { StanzaBytes = 200 }).Count);

    [Fact]
    public void A_fault_is_final()
    {
        var parser = Make();
        Assert.Equal(XmlStreamEventKind.Fault, parser.Advance("nonsense"u8, out _).Kind);
        Assert.Equal(StreamConditions.BadFormat, parser.Advance(Encoding.UTF8.GetBytes(Header), out _).Error?.Condition);
    }
}
