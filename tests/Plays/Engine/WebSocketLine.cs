using System.Net.WebSockets;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plays.Engine;

/// <summary>A stream on a WebSocket (RFC 7395): what is said at once is one message.</summary>
internal sealed class WebSocketLine(WebSocket socket) : ILine
{
    private readonly byte[] _buffer = new byte[64 * 1024];
    private XmlStreamParser _parser = XmlStreamParser.ForFrames(new XmlStreamLimits());
    private int _start, _end;

    public async Task SayGoodbyeAsync(CancellationToken ct)
    {
        await SayAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>", ct);
        await socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, ct);
    }

    public X509Certificate? ServerCertificate => null;

    public string Header(string to) => Encoding.UTF8.GetString(new StreamHeader(null, to, null, "1.0").ToFrame());

    public string Write(Element element) => Encoding.UTF8.GetString(XmlWriting.ToStandaloneUtf8(element));

    public Task SayAsync(string text, CancellationToken ct) => socket.SendAsync(Encoding.UTF8.GetBytes(text), WebSocketMessageType.Text, endOfMessage: true, ct);

    public async Task<XmlStreamEvent> HearAsync(CancellationToken ct)
    {
        while (true)
        {
            var step = _parser.Advance(_buffer.AsSpan(_start, _end - _start), out var consumed);
            _start += consumed;
            if (step.Kind != XmlStreamEventKind.NeedMore) return step;
            var message = await socket.ReceiveAsync(_buffer.AsMemory(), ct);
            if (message.MessageType == WebSocketMessageType.Close) return default;
            (_start, _end) = (0, message.Count);
        }
    }

    public void Restart() => _parser = XmlStreamParser.ForFrames(new XmlStreamLimits());

    public Task SecureAsync(CancellationToken ct) => throw new PlayException("a WebSocket has TLS from the beginning.");

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        return ValueTask.CompletedTask;
    }
}
