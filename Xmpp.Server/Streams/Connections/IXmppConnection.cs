using System.Net;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams.Connections;

/// <summary>A carrier of one stream: TCP or WebSocket. One reader and one writer at a time.</summary>
internal interface IXmppConnection : IAsyncDisposable
{
    /// <summary>The client's address; null where there is none.</summary>
    IPAddress? RemoteAddress { get; }

    /// <summary>What it protects now.</summary>
    ConnectionSecurity Security { get; }

    /// <summary>Grows with everything that arrives, white space included: a sign of life.</summary>
    long Arrivals { get; }

    /// <summary>Told how many bytes have arrived, white space included; what it waits for is read no further meanwhile.</summary>
    Func<int, ValueTask>? Arriving { get; set; }

    /// <summary>The next event; null once the other side sends nothing more.</summary>
    ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct);

    /// <summary>Has a pending read look whether its token is cancelled, where it does not notice by itself: most connections only wait, and a token that is watched costs memory.</summary>
    void WakeReader() { }

    /// <summary>Reads and forgets until the other side sends nothing more.</summary>
    ValueTask DiscardAsync(CancellationToken ct);

    /// <summary>The stream begins anew, with other limits. Bytes that have come behind the last event belong to the new stream.</summary>
    void Restart(XmlStreamLimits limits);

    /// <summary>The stream goes on with other limits (XEP-0388 section 2.6: success begins no new stream).</summary>
    void Allow(XmlStreamLimits limits);

    /// <summary>A header in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(StreamHeader header);

    /// <summary>A stream-level element in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(Element nonza);

    /// <summary>A stanza in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(Stanza stanza);

    /// <summary>The end of the stream in this carrier's framing.</summary>
    ReadOnlyMemory<byte> ClosingTag { get; }

    /// <summary>Writes what was formatted, in order, and flushes.</summary>
    ValueTask WriteAsync(List<Outgoing> batch);

    /// <summary>How many of the last batch it began to give to the network, so that they may have arrived; the others have not.</summary>
    int Taken { get; }

    /// <summary>Whether the client said that it fetches nothing for a while: what waits for it may wait, and its silence means nothing. The carrier ends by itself if it does not come back in time.</summary>
    bool IsPaused => false;

    /// <summary>Whether bytes have come behind the last event.</summary>
    bool HasUnread();

    /// <summary>Begins TLS as the server (RFC 6120 section 5.4.3.3), with the certificate of a domain; reading and writing go through it afterwards.</summary>
    Task UpgradeAsync(string domain, CancellationToken ct);

    /// <summary>Closes the carrier in its own orderly way, whatever the other side still wants to say. After the last <see cref="WriteAsync"/>; more than once is once.</summary>
    ValueTask HangUpAsync();

    /// <summary>Cuts the connection at once: pending reads and writes fail.</summary>
    void Abort();
}
