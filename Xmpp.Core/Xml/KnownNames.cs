using System.Buffers.Binary;
using System.Text;

namespace Parley.Xmpp.Core.Xml;

/// <summary>The names, namespaces and attribute values that streams are full of, so that they need no string of their own. Fixed: a peer cannot make it grow.</summary>
internal static class KnownNames
{
    private const int Longest = 64;

    private static readonly string[] Table = Build(
        // Elements and attributes.
        "stream", "stream:stream", "stream:error", "stream:features", "features", "error", "open", "close", "text", "message", "presence", "iq", "query", "body", "subject",
        "thread", "show", "status", "priority", "item", "group", "ping", "bind", "resource", "jid", "session", "auth", "response", "challenge", "success", "failure",
        "abort", "starttls", "proceed", "mechanism", "mechanisms", "required", "optional", "x", "c", "a", "r", "active", "inactive", "composing", "paused", "gone",
        "received", "request", "origin-id", "stanza-id", "delay", "nick", "identity", "feature", "services", "service", "credentials", "jingle", "content", "description",
        "transport", "payload-type", "parameter", "rtcp-fb", "rtp-hdrext", "rtcp-mux", "source", "ssrc-group", "fingerprint", "candidate", "conference-info", "conference",
        "users", "user", "endpoint", "media", "reason", "mute", "unmute", "ringing", "propose", "accept", "reject", "retract", "finish", "store", "no-store", "active",
        "xmlns", "xmlns:stream", "xmlns:db", "db:result", "db:verify", "verify", "handshake", "valid", "invalid", "EXTERNAL", "xml:lang", "lang", "id", "from", "to", "type", "version", "name", "value", "node", "ver", "hash", "var", "category", "subscription",
        "ask", "code", "by", "stamp", "action", "sid", "initiator", "responder", "creator", "senders", "ssrc", "semantics", "uri", "clockrate", "channels", "ufrag", "pwd",
        "component", "foundation", "generation", "ip", "port", "protocol", "network", "host", "username", "password", "expires", "restricted", "setup", "subtype",
        // Values.
        "1.0", "get", "set", "result", "chat", "groupchat", "normal", "headline", "available", "unavailable", "subscribe", "subscribed", "unsubscribe", "unsubscribed",
        "probe", "both", "none", "remove", "away", "xa", "dnd", "cancel", "modify", "wait", "audio", "video", "opus", "VP8", "udp", "srflx", "relay", "prflx",
        "sha-1", "sha-256", "passive", "actpass", "session-initiate", "session-accept", "session-terminate", "transport-info", "session-info", "BUNDLE", "FID",
        "SCRAM-SHA-1", "SCRAM-SHA-256", "PLAIN", "ANONYMOUS", "en", "true", "false", "0", "1",
        // Namespaces.
        Ns.Client, Ns.Server, Ns.Component, Ns.Dialback, Ns.Streams, Ns.Stanzas, Ns.StreamErrors, Ns.Tls, Ns.Sasl, Ns.Bind, Ns.Framing, Ns.Roster, Ns.DiscoInfo, Ns.DiscoItems, Ns.Caps, Ns.Ping, Ns.VCard, Ns.Nick,
        Ns.Delay, Ns.ExtDisco, Ns.Jingle, Ns.JingleRtp, Ns.JingleIceUdp, Ns.JingleDtls, Ns.JingleRtpHdrExt, Ns.JingleRtcpFb, Ns.JingleSsma, Ns.JingleGrouping, Ns.JingleMessage,
        Ns.Coin, Ns.ConferenceInfo, Ns.AvConferences, Ns.WebLeg, XmlStreamNames.Xml, "http://jabber.org/protocol/chatstates", "urn:xmpp:receipts", "urn:xmpp:sid:0",
        "urn:xmpp:chat-markers:0", "urn:xmpp:hints", "vcard-temp:x:update", "urn:ietf:params:xml:ns:xmpp-session", "http://jabber.org/protocol/muc");

    /// <summary>The string of these bytes, which are valid UTF-8.</summary>
    public static string Get(ReadOnlySpan<byte> utf8)
    {
        if (utf8.IsEmpty) return "";
        if (utf8.Length <= Longest)
        {
            for (var i = Slot(utf8); Table[i] is { } known; i = (i + 1) & (Table.Length - 1))
            {
                if (Same(utf8, known)) return known;
            }
        }

        return Encoding.UTF8.GetString(utf8);
    }

    /// <summary>Whether a name equals these bytes, which are valid UTF-8.</summary>
    public static bool Same(ReadOnlySpan<byte> utf8, string name)
    {
        // Only characters of one byte each come to as many bytes.
        if (utf8.Length == name.Length) return Ascii.Equals(utf8, name);
        return utf8.Length > name.Length && !Ascii.IsValid(name) && Encoding.UTF8.GetString(utf8) == name;
    }

    // By length, beginning and end, which tell the names apart well enough. The table is fixed, so that a flood of collisions costs a peer's own stanza a few comparisons at most.
    private static int Slot(ReadOnlySpan<byte> utf8)
    {
        ulong first, last;
        if (utf8.Length >= sizeof(ulong))
        {
            first = BinaryPrimitives.ReadUInt64LittleEndian(utf8);
            last = BinaryPrimitives.ReadUInt64LittleEndian(utf8[^sizeof(ulong)..]);
        }
        else if (utf8.Length >= sizeof(uint))
        {
            first = BinaryPrimitives.ReadUInt32LittleEndian(utf8);
            last = BinaryPrimitives.ReadUInt32LittleEndian(utf8[^sizeof(uint)..]);
        }
        else
        {
            first = utf8[0];
            last = (ulong)utf8[utf8.Length / 2] << 8 | utf8[^1];
        }

        var hash = (first ^ (ulong)utf8.Length * 0x9E3779B97F4A7C15) * 0xC2B2AE3D27D4EB4F ^ (last * 0x165667B19E3779F9);
        return (int)((hash * 0x9E3779B97F4A7C15) >> 54);
    }

    private static string[] Build(params string[] names)
    {
        var table = new string[1024];
        foreach (var name in names.Distinct(StringComparer.Ordinal))
        {
            var bytes = Encoding.UTF8.GetBytes(name);
            var i = Slot(bytes);
            while (table[i] is not null) i = (i + 1) & (table.Length - 1);
            table[i] = name;
        }

        return table;
    }
}
