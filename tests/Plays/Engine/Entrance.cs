using System.Net.WebSockets;
using Parley.Xmpp.Core;

namespace Parley.tests.Plays.Engine;

/// <summary>The ways into a stage.</summary>
internal sealed class Entrance : IDisposable
{
    private readonly IStage _stage;
    private readonly SocketsHttpHandler _http;

    public Entrance(IStage stage) => (_stage, _http) = (stage, new SocketsHttpHandler
    {
        AllowAutoRedirect = false,
        UseCookies = false,
        UseProxy = false,
        ConnectCallback = (context, ct) => stage.ConnectAsync(context.DnsEndPoint.Port, ct),
#pragma warning disable CA5359 // The stage's certificate is one that it made itself.
        SslOptions = { RemoteCertificateValidationCallback = (_, _, _, _) => true },
#pragma warning restore CA5359
    });

    /// <summary>Somebody who asks by HTTP.</summary>
    public Asker Ask() => new(_http, new Uri($"https://{_stage.Domain}:{_stage.Doors.Https}"));

    /// <summary>Connects to a door.</summary>
    /// <param name="door"><c>c2s</c>, <c>c2s-tls</c>, <c>s2s</c>, <c>component</c> or <c>websocket</c>.</param>
    /// <param name="ct">Ends the wait.</param>
    public async Task<Actor> DialAsync(string door, CancellationToken ct)
    {
        var domain = _stage.Domain;
        return new Actor(door switch
        {
            "c2s" => new TcpLine(await _stage.ConnectAsync(_stage.Doors.C2S, ct), domain),
            "c2s-tls" => await DialTlsAsync(domain, ct),
            "s2s" => new TcpLine(await _stage.ConnectAsync(_stage.Doors.S2S, ct), domain, Ns.Server),
            "component" => new TcpLine(await _stage.ConnectAsync(_stage.Doors.Component, ct), domain, Ns.Component),
            "websocket" => await DialWebSocketAsync(domain, ct),
            _ => throw new PlayException($"there is no door {door}."),
        }, domain).Listen();
    }

    public void Dispose() => _http.Dispose();

    private async Task<TcpLine> DialTlsAsync(string domain, CancellationToken ct)
    {
        var line = new TcpLine(await _stage.ConnectAsync(_stage.Doors.C2STls, ct), domain);
        await line.SecureAsync("xmpp-client", ct);
        return line;
    }

    private async Task<WebSocketLine> DialWebSocketAsync(string domain, CancellationToken ct)
    {
        using var invoker = new HttpMessageInvoker(_http, disposeHandler: false);
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        await socket.ConnectAsync(new Uri($"wss://{domain}:{_stage.Doors.Https}/xmpp-websocket"), invoker, ct);
        return new WebSocketLine(socket);
    }
}
