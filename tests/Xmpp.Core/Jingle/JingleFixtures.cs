using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Tests.Jingle;

/// <summary>Reads fixtures by System.Xml: these tests are about Jingle, not about the stream parser.</summary>
internal static class JingleFixtures
{
    public static Element Read(string xml)
    {
        var settings = new System.Xml.XmlReaderSettings { IgnoreWhitespace = true };
        using var reader = System.Xml.XmlReader.Create(new StringReader(xml), settings);
        reader.MoveToContent();
        return ReadElement(reader);
    }

    private static Element ReadElement(System.Xml.XmlReader reader)
    {
        var element = new Element(reader.LocalName, reader.NamespaceURI);
        var empty = reader.IsEmptyElement;
        while (reader.MoveToNextAttribute())
        {
            if (reader.NamespaceURI != "http://www.w3.org/2000/xmlns/") element.Attr(reader.LocalName, reader.Value, reader.NamespaceURI);
        }

        if (empty) return element;
        while (reader.Read() && reader.NodeType != System.Xml.XmlNodeType.EndElement)
        {
            if (reader.NodeType == System.Xml.XmlNodeType.Element) element.Add(ReadElement(reader));
            else element.Text(reader.Value);
        }

        return element;
    }

    public const string Offer = """
        <jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='s1' initiator='ann@example.org/web'>
          <nick xmlns='http://jabber.org/protocol/nick'>Ann</nick>
          <future xmlns='urn:example:future'/>
          <group xmlns='urn:xmpp:jingle:apps:grouping:0' semantics='BUNDLE'><content name='0'/><content name='1'/></group>
          <content creator='initiator' name='0' senders='initiator'>
            <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'>
              <payload-type id='111' name='opus' clockrate='48000' channels='2'>
                <parameter name='minptime' value='10'/><parameter name='useinbandfec' value='1'/>
                <rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='transport-cc'/>
              </payload-type>
              <rtp-hdrext xmlns='urn:xmpp:jingle:apps:rtp:rtp-hdrext:0' id='4' uri='urn:ietf:params:rtp-hdrext:sdes:mid'/>
              <source xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' ssrc='4294967295'><parameter name='cname' value='c'/></source>
              <rtcp-mux/><unknown xmlns='urn:example:future'/>
            </description>
            <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='p'>
              <fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='SHA-256' setup='actpass'>02:1a:cc</fingerprint>
              <candidate component='1' foundation='1' generation='0' id='c1' ip='abc.local' network='1' port='4433' priority='2122260223' protocol='udp' type='host'/>
            </transport>
          </content>
          <content creator='initiator' name='1' senders='initiator'>
            <description xmlns='urn:xmpp:jingle:apps:rtp:1' media='video'>
              <payload-type id='96' name='VP8' clockrate='90000'><rtcp-fb xmlns='urn:xmpp:jingle:apps:rtp:rtcp-fb:0' type='nack' subtype='pli'/></payload-type>
              <payload-type id='97' name='rtx' clockrate='90000'><parameter name='apt' value='96'/></payload-type>
              <ssrc-group xmlns='urn:xmpp:jingle:apps:rtp:ssma:0' semantics='FID'><source ssrc='5'/><source ssrc='6'/></ssrc-group>
              <rtcp-mux/>
            </description>
            <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='u' pwd='p'/>
          </content>
        </jingle>
        """;
}
