namespace Parley.Xmpp.Core;

/// <summary>The namespaces that more than one part of the server speaks.</summary>
public static class Ns
{
    /// <summary>Stanzas of clients (RFC 6120 section 4.8.2).</summary>
    public const string Client = "jabber:client";
    /// <summary>Stanzas between servers (RFC 6120 section 4.8.2).</summary>
    public const string Server = "jabber:server";
    /// <summary>Stanzas of external components (XEP-0114).</summary>
    public const string Component = "jabber:component:accept";
    /// <summary>Hostnames of components that authenticate by SASL (XEP-0225).</summary>
    public const string ComponentBind = "urn:xmpp:component:0";
    /// <summary>Server dialback (XEP-0220).</summary>
    public const string Dialback = "jabber:server:dialback";
    /// <summary>The stream feature of server dialback (XEP-0220 section 2.4).</summary>
    public const string DialbackFeature = "urn:xmpp:features:dialback";
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
    /// <summary>The second profile of SASL (XEP-0388).</summary>
    public const string Sasl2 = "urn:xmpp:sasl:2";
    /// <summary>Resource binding together with authentication (XEP-0386).</summary>
    public const string Bind2 = "urn:xmpp:bind:0";
    /// <summary>Tokens in place of passwords (XEP-0484).</summary>
    public const string Fast = "urn:xmpp:fast:0";
    /// <summary>Resource binding (RFC 6120 section 7).</summary>
    public const string Bind = "urn:ietf:params:xml:ns:xmpp-bind";
    /// <summary>WebSocket framing (RFC 7395).</summary>
    public const string Framing = "urn:ietf:params:xml:ns:xmpp-framing";
    /// <summary>Roster (RFC 6121 section 2).</summary>
    public const string Roster = "jabber:iq:roster";
    /// <summary>RFC 6121 section 3.4.1: subscriptions approved before they are asked for.</summary>
    public const string PreApproval = "urn:xmpp:features:pre-approval";
    /// <summary>RFC 6121 section 2.6.1: rosters have versions.</summary>
    public const string RosterVersions = "urn:xmpp:features:rosterver";
    /// <summary>Service discovery, info (XEP-0030).</summary>
    public const string DiscoInfo = "http://jabber.org/protocol/disco#info";
    /// <summary>Service discovery, items (XEP-0030).</summary>
    public const string DiscoItems = "http://jabber.org/protocol/disco#items";
    /// <summary>Entity capabilities (XEP-0115).</summary>
    public const string Caps = "http://jabber.org/protocol/caps";
    /// <summary>Entity capabilities 2.0 (XEP-0390).</summary>
    public const string Caps2 = "urn:xmpp:caps";
    /// <summary>Which channel bindings a server takes (XEP-0440).</summary>
    public const string ChannelBindings = "urn:xmpp:sasl-cb:0";
    /// <summary>Limits of a stream (XEP-0478).</summary>
    public const string StreamLimits = "urn:xmpp:stream-limits:0";
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
    /// <summary>Audio in Jingle RTP sessions (XEP-0167 section 12).</summary>
    public const string JingleRtpAudio = "urn:xmpp:jingle:apps:rtp:audio";
    /// <summary>Video in them.</summary>
    public const string JingleRtpVideo = "urn:xmpp:jingle:apps:rtp:video";
    /// <summary>Jingle ICE-UDP transport (XEP-0176).</summary>
    public const string JingleIceUdp = "urn:xmpp:jingle:transports:ice-udp:1";
    /// <summary>Jingle raw UDP transport (XEP-0177).</summary>
    public const string JingleRawUdp = "urn:xmpp:jingle:transports:raw-udp:1";
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
    /// <summary>Multiparty Jingle, Muji (XEP-0272).</summary>
    public const string Muji = "urn:xmpp:jingle:muji:0";
    /// <summary>Conference marker of COIN (XEP-0298).</summary>
    public const string Coin = "urn:xmpp:coin:1";
    /// <summary>Message carbons (XEP-0280).</summary>
    public const string Carbons = "urn:xmpp:carbons:2";
    /// <summary>Stream management (XEP-0198).</summary>
    public const string StreamManagement = "urn:xmpp:sm:3";
    /// <summary>Client state indication (XEP-0352).</summary>
    public const string ClientState = "urn:xmpp:csi:0";
    /// <summary>Message processing hints (XEP-0334).</summary>
    public const string Hints = "urn:xmpp:hints";
    /// <summary>Stanza forwarding (XEP-0297).</summary>
    public const string Forward = "urn:xmpp:forward:0";
    /// <summary>Message archives (XEP-0313).</summary>
    public const string Archive = "urn:xmpp:mam:2";
    /// <summary>Stable ids of stanzas (XEP-0359).</summary>
    public const string StanzaIds = "urn:xmpp:sid:0";
    /// <summary>Conference state (RFC 4575, carried by XEP-0298).</summary>
    public const string ConferenceInfo = "urn:ietf:params:xml:ns:conference-info";
    /// <summary>A/V conferences (XEP-0521).</summary>
    public const string AvConferences = "urn:xmpp:jingle:av-conferences:0";
    /// <summary>The marker of our own call page's leg.</summary>
    public const string WebLeg = "urn:parley:leg:0";
}
