using System.Buffers;
using System.Net;
using System.Net.WebSockets;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Streams.Connections;

/// <summary>A stream on a WebSocket (RFC 7395): each text message is one element.</summary>
internal sealed class WebSocketXmppConnection(WebSocket socket, IPAddress? remoteAddress, ConnectionSecurity security, XmlStreamLimits limits) : IXmppConnection
{
    private const int BufferBytes = 4096;

    private static readonly XmlStreamEvent NotOneElement =
        new(XmlStreamEventKind.Fault, Error: new StreamError(StreamConditions.BadFormat, "A WebSocket message is one whole element, as text (RFC 7395 section 3.3)."));

    private readonly XmlStreamParser _parser = XmlStreamParser.ForFrames(limits);
    private byte[]? _buffer;
    private Element? _element;
    private volatile bool _isRefused;

    public IPAddress? RemoteAddress { get; } = remoteAddress;

    public ConnectionSecurity Security { get; } = security;

    public long Arrivals { get; private set; }

    public Func<int, ValueTask>? Arriving { get; set; }

    public ReadOnlyMemory<byte> ClosingTag => StreamWriting.ClosingFrame;

    public async ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct)
    {
        while (true)
        {
            // A read of nothing waits without holding a buffer, which most sockets do most of the time.
            var received = _buffer is null ? await ReceiveAsync(Memory<byte>.Empty, ct) : await ReceiveAsync(_buffer, ct);
            if (received.MessageType == WebSocketMessageType.Close) return null;
            if (received.MessageType == WebSocketMessageType.Binary) return NotOneElement;
            if (Parse(_buffer.AsSpan(0, received.Count)) is { } fault) return fault;
            if (!received.EndOfMessage)
            {
                _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
                continue;
            }

            ReturnBuffer();
            if (!_parser.IsBetweenElements) return NotOneElement;
            var element = _element;
            _element = null;
            // A message of white space is no element, but a habit of clients that come from TCP.
            if (element is not null) return Translate(element);
        }
    }

    public async ValueTask DiscardAsync(CancellationToken ct)
    {
        _buffer ??= ArrayPool<byte>.Shared.Rent(BufferBytes);
        while ((await ReceiveAsync(_buffer, ct)).MessageType != WebSocketMessageType.Close)
        {
        }
    }

    public void Restart(XmlStreamLimits limits) => _parser.Limits = limits;

    public void Allow(XmlStreamLimits limits) => _parser.Limits = limits;

    public ReadOnlyMemory<byte> Format(StreamHeader header) => header.ToFrame();

    public ReadOnlyMemory<byte> Format(Element nonza) => StreamWriting.ToUtf8(nonza, isFrame: true);

    public ReadOnlyMemory<byte> Format(Stanza stanza) => StreamWriting.ToFrame(stanza);

    public int Taken { get; private set; }

    public async ValueTask WriteAsync(List<Outgoing> batch)
    {
        Taken = 0;
        // A WebSocket that broke its own rules has said why in its closing frame and takes nothing more; that frame is on its way, and cutting would overtake it.
        if (_isRefused) return;
        foreach (var frame in batch)
        {
            if (socket.State is not (WebSocketState.Open or WebSocketState.CloseReceived)) throw new WebSocketException(WebSocketError.ConnectionClosedPrematurely);
            Taken++;
            await socket.SendAsync(frame.Bytes, WebSocketMessageType.Text, endOfMessage: true, CancellationToken.None);
        }
    }

    public bool HasUnread() => false;

    public Task UpgradeAsync(string domain, CancellationToken ct) => throw new NotSupportedException("TLS is not this carrier's business (RFC 7395 section 3.9).");

    // RFC 7395 section 3.6: the WebSocket closes after both have said <close/>. Here one of them did not.
    public async ValueTask HangUpAsync()
    {
        if (socket.State is WebSocketState.Open or WebSocketState.CloseReceived) await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        ReturnBuffer();
        // Disposing one that failed resets the connection, and its closing frame would be lost with it; the request's end closes it, and it holds nothing but memory.
        if (_isRefused) return;
        await HangUpAsync();
        socket.Dispose();
    }

    public void Abort()
    {
        try
        {
            socket.Abort();
        }
        catch (ObjectDisposedException)
        {
            // The request is over, and the connection with it.
        }
    }

    private async ValueTask<ValueWebSocketReceiveResult> ReceiveAsync(Memory<byte> buffer, CancellationToken ct)
    {
        try
        {
            var received = await socket.ReceiveAsync(buffer, ct);
            Arrivals++;
            if (Arriving is { } arriving && (received.Count > 0 || received.EndOfMessage)) await arriving(received.Count);
            return received;
        }
        catch (WebSocketException)
        {
            _isRefused = true;
            throw;
        }
    }

    private XmlStreamEvent? Parse(ReadOnlySpan<byte> bytes)
    {
        while (true)
        {
            var step = _parser.Advance(bytes, out var consumed);
            bytes = bytes[consumed..];
            if (step.Kind == XmlStreamEventKind.NeedMore) return null;
            if (step.Kind == XmlStreamEventKind.Fault) return step;
            if (_element is not null) return NotOneElement;
            _element = step.Element;
        }
    }

    private void ReturnBuffer()
    {
        if (_buffer is not null) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = null;
    }

    private static XmlStreamEvent Translate(Element element) => element.Namespace != Ns.Framing ? new XmlStreamEvent(XmlStreamEventKind.Element, element)
        : element.Name switch
        {
            "open" => new XmlStreamEvent(XmlStreamEventKind.StreamOpened, element),
            "close" => new XmlStreamEvent(XmlStreamEventKind.StreamClosed),
            _ => new XmlStreamEvent(XmlStreamEventKind.Element, element),
        };
}
