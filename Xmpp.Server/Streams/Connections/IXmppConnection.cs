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

    /// <summary>The next event; null once the other side sends nothing more.</summary>
    ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct);

    /// <summary>Reads and forgets until the other side sends nothing more.</summary>
    ValueTask DiscardAsync(CancellationToken ct);

    /// <summary>The stream begins anew, with other limits. Bytes that have come behind the last event belong to the new stream.</summary>
    void Restart(XmlStreamLimits limits);

    /// <summary>A header in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(StreamHeader header);

    /// <summary>A stream-level element in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(Element nonza);

    /// <summary>A stanza in this carrier's framing.</summary>
    ReadOnlyMemory<byte> Format(Stanza stanza);

    /// <summary>The end of the stream in this carrier's framing.</summary>
    ReadOnlyMemory<byte> ClosingTag { get; }

    /// <summary>Writes what was formatted, in order, and flushes.</summary>
    ValueTask WriteAsync(IReadOnlyList<ReadOnlyMemory<byte>> batch);

    /// <summary>Whether bytes have come behind the last event.</summary>
    bool HasUnread();

    /// <summary>Begins TLS as the server (RFC 6120 section 5.4.3.3); reading and writing go through it afterwards.</summary>
    Task UpgradeAsync(CancellationToken ct);

    /// <summary>Closes the carrier in its own orderly way, whatever the other side still wants to say. After the last <see cref="WriteAsync"/>; more than once is once.</summary>
    ValueTask HangUpAsync();

    /// <summary>Cuts the connection at once: pending reads and writes fail.</summary>
    void Abort();
}
