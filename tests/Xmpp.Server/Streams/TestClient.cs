using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>A client by hand: writes what it is told, reads whatever comes as text.</summary>
internal abstract class TestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly StringBuilder _seen = new();

    /// <summary>All that came.</summary>
    public string Seen => _seen.ToString();

    public bool IsAtEnd { get; private set; }

    public abstract Task WriteAsync(byte[] bytes);

    public Task WriteAsync(string text) => WriteAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Opens the stream; returns the features.</summary>
    public abstract Task<string> OpenAsync(string to = "one.test");

    /// <summary>Reads until a text has come, and takes it and all before it away.</summary>
    public async Task<string> ReadUntilAsync(string text)
    {
        using var patience = new CancellationTokenSource(Patience);
        while (true)
        {
            var at = Seen.IndexOf(text, StringComparison.Ordinal);
            if (at >= 0)
            {
                var taken = Seen[..(at + text.Length)];
                _seen.Remove(0, taken.Length);
                return taken;
            }

            if (IsAtEnd) throw new IOException($"The stream ended before {text}: {Seen}");
            await ReadSomeAsync(patience.Token);
        }
    }

    /// <summary>Reads to the end of the connection; returns what is left.</summary>
    public async Task<string> ReadToEndAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        while (!IsAtEnd) await ReadSomeAsync(patience.Token);
        return Seen;
    }

    /// <summary>Logs in and binds; returns the address.</summary>
    public async Task<string> LogInAsync(string mechanism = "SCRAM-SHA-256", string domain = "one.test", string? resource = null)
    {
        await OpenAsync(domain);
        await ScramClient.RunAsync(this, mechanism, "ann", "secret");
        await OpenAsync(domain);
        return await BindAsync(resource);
    }

    public async Task<string> BindAsync(string? resource = null)
    {
        await WriteAsync($"<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'>{(resource is null ? "" : $"<resource>{resource}</resource>")}</bind></iq>");
        var result = await ReadUntilAsync("</iq>");
        return result.Contains("<jid>", StringComparison.Ordinal) ? result.Split("<jid>")[1].Split("</jid>")[0] : result;
    }

    public abstract ValueTask DisposeAsync();

    protected abstract Task<int> ReadAsync(byte[] buffer, CancellationToken ct);

    private async Task ReadSomeAsync(CancellationToken ct)
    {
        var buffer = new byte[8192];
        var count = await ReadAsync(buffer, ct);
        if (count == 0) IsAtEnd = true;
        _seen.Append(Encoding.UTF8.GetString(buffer, 0, count));
    }
}

internal sealed class TcpTestClient : TestClient
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private Stream _stream = Stream.Null;

    public static async Task<TcpTestClient> ConnectAsync(int port, bool tls = false, string serverName = "one.test")
    {
        var client = new TcpTestClient();
        await client._tcp.ConnectAsync(IPAddress.Loopback, port);
        client._stream = client._tcp.GetStream();
        if (tls) await client.StartTlsAsync(serverName, new SslApplicationProtocol("xmpp-client"));
        return client;
    }

    public static string Header(string to) => $"<?xml version='1.0'?><stream:stream to='{to}' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    public SslStream? Tls { get; private set; }

    public Task StartTlsAsync(params SslApplicationProtocol[] protocols) => StartTlsAsync("one.test", protocols);

    /// <summary>Begins TLS and names a server (SNI).</summary>
    public async Task StartTlsAsync(string serverName, params SslApplicationProtocol[] protocols)
    {
        Tls = new SslStream(_stream);
        await Tls.AuthenticateAsClientAsync(new SslClientAuthenticationOptions
        {
            TargetHost = serverName,
            RemoteCertificateValidationCallback = (_, _, _, _) => true,
            ApplicationProtocols = protocols.Length == 0 ? null : [.. protocols],
        });
        _stream = Tls;
    }

    public override async Task<string> OpenAsync(string to = "one.test")
    {
        await WriteAsync(Header(to));
        return await ReadUntilAsync("</stream:features>");
    }

    public override async Task WriteAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>Goes away without a word.</summary>
    public void Reset()
    {
        _tcp.Client.LingerState = new LingerOption(true, 0);
        _tcp.Close();
    }

    public override async ValueTask DisposeAsync()
    {
        await _stream.DisposeAsync();
        _tcp.Dispose();
    }

    protected override async Task<int> ReadAsync(byte[] buffer, CancellationToken ct) => await _stream.ReadAsync(buffer, ct);
}

internal sealed class WebSocketTestClient : TestClient
{
    private readonly ClientWebSocket _socket = new();

    public static async Task<WebSocketTestClient> ConnectAsync(int port, bool tls = false, string? subprotocol = "xmpp", string? host = null)
    {
        var client = new WebSocketTestClient();
        if (subprotocol is not null) client._socket.Options.AddSubProtocol(subprotocol);
        if (host is not null) client._socket.Options.SetRequestHeader("Host", host); // and with it the name in TLS
        client._socket.Options.RemoteCertificateValidationCallback = (_, shown, _, _) =>
        {
            client.Shown = ((System.Security.Cryptography.X509Certificates.X509Certificate2)shown!).Thumbprint;
            return true;
        };
        await client._socket.ConnectAsync(new Uri($"{(tls ? "wss" : "ws")}://127.0.0.1:{port}/xmpp-websocket"), CancellationToken.None);
        return client;
    }

    /// <summary>The thumbprint of the certificate that the server showed.</summary>
    public string? Shown { get; private set; }

    public string? Subprotocol => _socket.SubProtocol;

    public WebSocketCloseStatus? CloseStatus => _socket.CloseStatus;

    /// <summary>Whole messages, in order.</summary>
    public List<string> Messages { get; } = [];

    private readonly StringBuilder _message = new();

    public override async Task<string> OpenAsync(string to = "one.test")
    {
        await WriteAsync($"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{to}' version='1.0'/>");
        return await ReadUntilAsync("</stream:features>");
    }

    public override Task WriteAsync(byte[] bytes) => WriteAsync(bytes, WebSocketMessageType.Text, true);

    public Task WriteAsync(byte[] bytes, WebSocketMessageType type, bool end) => _socket.SendAsync(bytes, type, end, CancellationToken.None);

    public Task CloseAsync() => _socket.CloseOutputAsync(WebSocketCloseStatus.NormalClosure, null, CancellationToken.None);

    public override ValueTask DisposeAsync()
    {
        _socket.Dispose();
        return ValueTask.CompletedTask;
    }

    protected override async Task<int> ReadAsync(byte[] buffer, CancellationToken ct)
    {
        var result = await _socket.ReceiveAsync(buffer.AsMemory(), ct);
        if (result.MessageType == WebSocketMessageType.Close) return 0;
        _message.Append(Encoding.UTF8.GetString(buffer, 0, result.Count));
        if (result.EndOfMessage)
        {
            // Each must stand alone (RFC 7395 section 3.3.3).
            var step = XmlStreamParser.ForFrames(new XmlStreamLimits { StanzaBytes = 1 << 20 }).Advance(Encoding.UTF8.GetBytes(_message.ToString()), out _);
            Assert.Equal(XmlStreamEventKind.Element, step.Kind);
            Assert.NotEqual("", step.Element!.Namespace);
            Messages.Add(_message.ToString());
            _message.Clear();
        }

        return result.Count;
    }
}
