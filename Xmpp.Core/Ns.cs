namespace Parley.Xmpp.Core;

/// <summary>The namespaces that more than one part of the server speaks.</summary>
public static class Ns
{
    /// <summary>Stanzas of clients (RFC 6120 section 4.8.2).</summary>
    public const string Client = "jabber:client";
    /// <summary>Stream elements (RFC 6120 section 4.8.1).</summary>
    public const string Streams = "http://etherx.jabber.org/streams";
    /// <summary>Stanza error conditions (RFC 6120 section 8.3.3).</summary>
    public const string Stanzas = "urn:ietf:params:xml:ns:xmpp-stanzas";
    /// <summary>Stream error conditions (RFC 6120 section 4.9.3).</summary>
    public const string StreamErrors = "urn:ietf:params:xml:ns:xmpp-streams";
    /// <summary>STARTTLS (RFC 6120 section 5).</summary>
    public const string Tls = "urn:ietf:params:xml:ns:xmpp-tls";
    /// <summary>SASL (RFC 6120 section 6).</summary>
    public const string Sasl = "urn:ietf:params:xml:ns:xmpp-sasl";
    /// <summary>Resource binding (RFC 6120 section 7).</summary>
    public const string Bind = "urn:ietf:params:xml:ns:xmpp-bind";
    /// <summary>WebSocket framing (RFC 7395).</summary>
    public const string Framing = "urn:ietf:params:xml:ns:xmpp-framing";
    /// <summary>Roster (RFC 6121 section 2).</summary>
    public const string Roster = "jabber:iq:roster";
    /// <summary>RFC 6121 section 3.4.1: subscriptions approved before they are asked for.</summary>
    public const string PreApproval = "urn:xmpp:features:pre-approval";
    /// <summary>Service discovery, info (XEP-0030).</summary>
    public const string DiscoInfo = "http://jabber.org/protocol/disco#info";
    /// <summary>Service discovery, items (XEP-0030).</summary>
    public const string DiscoItems = "http://jabber.org/protocol/disco#items";
    /// <summary>Entity capabilities (XEP-0115).</summary>
    public const string Caps = "http://jabber.org/protocol/caps";
    /// <summary>Ping (XEP-0199).</summary>
    public const string Ping = "urn:xmpp:ping";
    /// <summary>vCard (XEP-0054).</summary>
    public const string VCard = "vcard-temp";
    /// <summary>User nickname (XEP-0172).</summary>
    public const string Nick = "http://jabber.org/protocol/nick";
    /// <summary>Delayed delivery (XEP-0203).</summary>
    public const string Delay = "urn:xmpp:delay";
    /// <summary>External services (XEP-0215).</summary>
    public const string ExtDisco = "urn:xmpp:extdisco:2";
    /// <summary>The first version of the same, for older clients.</summary>
    public const string ExtDisco1 = "urn:xmpp:extdisco:1";
    /// <summary>Jingle (XEP-0166).</summary>
    public const string Jingle = "urn:xmpp:jingle:1";
    /// <summary>Jingle's own error conditions (XEP-0166 section 10).</summary>
    public const string JingleErrors = "urn:xmpp:jingle:errors:1";
    /// <summary>Jingle RTP sessions (XEP-0167).</summary>
    public const string JingleRtp = "urn:xmpp:jingle:apps:rtp:1";
    /// <summary>Jingle ICE-UDP transport (XEP-0176).</summary>
    public const string JingleIceUdp = "urn:xmpp:jingle:transports:ice-udp:1";
    /// <summary>DTLS-SRTP fingerprints (XEP-0320).</summary>
    public const string JingleDtls = "urn:xmpp:jingle:apps:dtls:0";
    /// <summary>RTP header extensions (XEP-0294).</summary>
    public const string JingleRtpHdrExt = "urn:xmpp:jingle:apps:rtp:rtp-hdrext:0";
    /// <summary>RTCP feedback (XEP-0293).</summary>
    public const string JingleRtcpFb = "urn:xmpp:jingle:apps:rtp:rtcp-fb:0";
    /// <summary>Source-specific media attributes (XEP-0339).</summary>
    public const string JingleSsma = "urn:xmpp:jingle:apps:rtp:ssma:0";
    /// <summary>Grouping, i.e. BUNDLE (XEP-0338).</summary>
    public const string JingleGrouping = "urn:xmpp:jingle:apps:grouping:0";
    /// <summary>Jingle message initiation (XEP-0353).</summary>
    public const string JingleMessage = "urn:xmpp:jingle-message:0";
    /// <summary>Conference marker of COIN (XEP-0298).</summary>
    public const string Coin = "urn:xmpp:coin:1";
    /// <summary>Message carbons (XEP-0280).</summary>
    public const string Carbons = "urn:xmpp:carbons:2";
    /// <summary>Stanza forwarding (XEP-0297).</summary>
    public const string Forward = "urn:xmpp:forward:0";
    /// <summary>Conference state (RFC 4575, carried by XEP-0298).</summary>
    public const string ConferenceInfo = "urn:ietf:params:xml:ns:conference-info";
    /// <summary>A/V conferences (XEP-0521).</summary>
    public const string AvConferences = "urn:xmpp:jingle:av-conferences:0";
    /// <summary>The marker of our own call page's leg.</summary>
    public const string WebLeg = "urn:parley:leg:0";
}
