using System.Net;
using System.Net.WebSockets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Streams;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>A carrier that says nothing and takes nothing until it ends.</summary>
internal sealed class SilentConnection : IXmppConnection
{
    private readonly TaskCompletionSource _end = new();

    public Action OnAbort { get; set; } = () => { };

    public IPAddress? RemoteAddress => null;

    public ConnectionSecurity Security { get; } = new(true, false, false, default);

    public long Arrivals => 0;

    public Func<int, ValueTask>? Arriving { get; set; }

    public ReadOnlyMemory<byte> ClosingTag => new byte[1];

    public int Taken => 0;

    public void End() => _end.TrySetResult();

    public async ValueTask<XmlStreamEvent?> ReadAsync(CancellationToken ct)
    {
        await _end.Task;
        return null;
    }

    public async ValueTask DiscardAsync(CancellationToken ct) => await _end.Task;

    public void Restart(XmlStreamLimits limits)
    {
    }

    public void Allow(XmlStreamLimits limits)
    {
    }

    public ReadOnlyMemory<byte> Format(StreamHeader header) => new byte[1];

    public ReadOnlyMemory<byte> Format(Element nonza) => new byte[1];

    public ReadOnlyMemory<byte> Format(Stanza stanza) => new byte[1];

    public async ValueTask WriteAsync(List<Outgoing> batch) => await _end.Task;

    public bool HasUnread() => false;

    public Task UpgradeAsync(string domain, CancellationToken ct) => Task.CompletedTask;

    public ValueTask HangUpAsync() => ValueTask.CompletedTask;

    public void Abort() => OnAbort();

    public ValueTask DisposeAsync() => ValueTask.CompletedTask;
}

/// <summary>A WebSocket as Kestrel leaves it behind its request.</summary>
internal sealed class OverWebSocket : WebSocket
{
    public bool IsAsked { get; private set; }

    public override WebSocketCloseStatus? CloseStatus => null;

    public override string? CloseStatusDescription => null;

    public override WebSocketState State => WebSocketState.Open;

    public override string? SubProtocol => null;

    public override void Abort()
    {
        IsAsked = true;
        throw new ObjectDisposedException("Collection");
    }

    public override Task CloseAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override Task CloseOutputAsync(WebSocketCloseStatus closeStatus, string? statusDescription, CancellationToken cancellationToken) => Task.CompletedTask;

    public override void Dispose()
    {
    }

    public override Task<WebSocketReceiveResult> ReceiveAsync(ArraySegment<byte> buffer, CancellationToken cancellationToken) => throw new NotSupportedException();

    public override Task SendAsync(ArraySegment<byte> buffer, WebSocketMessageType messageType, bool endOfMessage, CancellationToken cancellationToken) => throw new NotSupportedException();
}
