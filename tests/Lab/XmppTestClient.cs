using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Net.WebSockets;
using System.Text;
using System.Text.RegularExpressions;

namespace Parley.tests.Lab;

/// <summary>
/// A client that says exactly what a test wants, well-formed or not, over TCP, TLS or a WebSocket, and keeps what it hears as text. It understands nothing:
/// what it is for is what no proper client would send.
/// </summary>
public sealed class XmppTestClient : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly StringBuilder _heard = new();
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly WebSocket? _socket;
    private readonly string _domain;
    private Stream? _stream;
    private int _read;

    private XmppTestClient(string domain, Stream? stream, WebSocket? socket) => (_domain, _stream, _socket) = (domain, stream, socket);

    /// <summary>Whether the other side has closed the connection.</summary>
    public bool IsClosed { get; private set; }

    /// <summary>Why a WebSocket was closed (RFC 6455 section 7.4.1).</summary>
    public WebSocketCloseStatus? CloseStatus => _socket?.CloseStatus;

    /// <summary>Everything heard so far.</summary>
    public string Heard => _heard.ToString();

    /// <summary>Connects to 5222, or to 5223 with TLS from the first byte.</summary>
    public static async Task<XmppTestClient> ConnectAsync(NetworkNamespace ns, string domain = "localhost", bool isDirectTls = false, string address = "127.0.0.1", string? from = null)
    {
        var socket = await ns.ConnectAsync(new IPEndPoint(IPAddress.Parse(address), isDirectTls ? 5223 : 5222), from);
        var client = new XmppTestClient(domain, new NetworkStream(socket, ownsSocket: true), null);
        if (isDirectTls) await client.SecureAsync();
        return client;
    }

    /// <summary>Opens a WebSocket (RFC 7395).</summary>
    /// <param name="ns">Where.</param>
    /// <param name="domain">The domain to open a stream to.</param>
    /// <param name="host">The Host to name.</param>
    /// <param name="origin">The Origin to name; null: none, as programs other than browsers do.</param>
    /// <param name="uri">Where it is.</param>
    /// <param name="from">The address that it comes from; null: the system's choice.</param>
    public static async Task<XmppTestClient> ConnectWebSocketAsync(
        NetworkNamespace ns, string domain = "localhost", string host = "localhost:5280", string? origin = null, string uri = "ws://127.0.0.1:5280/xmpp-websocket", string? from = null)
    {
        var socket = new ClientWebSocket();
        socket.Options.AddSubProtocol("xmpp");
        socket.Options.SetRequestHeader("Host", host);
        if (origin is not null) socket.Options.SetRequestHeader("Origin", origin);
        using var http = new HttpMessageInvoker(ns.HttpHandler(from));
        await socket.ConnectAsync(new Uri(uri), http, CancellationToken.None);
        return new XmppTestClient(domain, null, socket);
    }

    /// <summary>The stream header, or RFC 7395's open element.</summary>
    public string Header => _socket is null
        ? $"<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='{_domain}' version='1.0'>"
        : $"<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='{_domain}' version='1.0'/>";

    /// <summary>Sends text as it is.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes as they are. That the other side has hung up meanwhile is for the test to read.</summary>
    public async Task SendAsync(byte[] bytes)
    {
        try
        {
            if (_socket is not null) await _socket.SendAsync(bytes, WebSocketMessageType.Text, true, CancellationToken.None);
            else await _stream!.WriteAsync(bytes);
        }
        catch (Exception e) when (e is IOException or WebSocketException)
        {
            IsClosed = true;
        }
    }

    /// <summary>Opens the stream and waits for its features.</summary>
    public async Task OpenAsync()
    {
        await SendAsync(Header);
        await HearAsync("</(stream:)?features>");
    }

    /// <summary>Upgrades by STARTTLS and opens the stream anew.</summary>
    public async Task StartTlsAsync()
    {
        await SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await HearAsync("<proceed ");
        await SecureAsync();
        await OpenAsync();
    }

    /// <summary>Authenticates with a mechanism and an initial response, opens the stream anew and binds.</summary>
    /// <returns>The full JID.</returns>
    public async Task<string> LoginAsync(string mechanism, string initial = "")
    {
        await SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='{mechanism}'>{Convert.ToBase64String(Encoding.UTF8.GetBytes(initial))}</auth>");
        await HearAsync("<success ");
        await OpenAsync();
        await SendAsync("<iq xmlns='jabber:client' type='set' id='bind1'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        return (await HearAsync("<jid>([^<]+)</jid>")).Groups[1].Value;
    }

    /// <summary>Logs in as a guest; on loopback no TLS is needed.</summary>
    public async Task<string> LoginAsGuestAsync()
    {
        await OpenAsync();
        return await LoginAsync("ANONYMOUS");
    }

    /// <summary>Logs in with a password, under TLS.</summary>
    public Task<string> LoginWithPasswordAsync(string user, string password) => LoginAsync("PLAIN", $"\0{user}\0{password}");

    /// <summary>Waits for something that was not heard before.</summary>
    public async Task<Match> HearAsync(string pattern, TimeSpan? within = null)
    {
        using var over = new CancellationTokenSource(within ?? Patience);
        while (true)
        {
            var match = Regex.Match(Heard[_read..], pattern);
            if (match.Success)
            {
                _read += match.Index + match.Length;
                return match;
            }

            if (IsClosed || !await ReadAsync(over.Token)) throw new InvalidOperationException($"'{pattern}' did not come. Heard: {Heard}");
        }
    }

    /// <summary>Waits until the other side ends the stream or hangs up, and tells everything that it said.</summary>
    public async Task<string> HearEndAsync(TimeSpan? within = null)
    {
        using var over = new CancellationTokenSource(within ?? Patience);
        while (!IsClosed && !Heard.EndsWith("</stream:stream>", StringComparison.Ordinal))
        {
            if (!await ReadAsync(over.Token) && !IsClosed) throw new TimeoutException($"The connection stays open. Heard: {Heard}");
        }

        return Heard;
    }

    public async ValueTask DisposeAsync()
    {
        if (_stream is not null) await _stream.DisposeAsync();
        _socket?.Dispose();
    }

    private async Task SecureAsync()
    {
        var tls = new SslStream(_stream!);
        var options = new SslClientAuthenticationOptions { TargetHost = _domain, RemoteCertificateValidationCallback = (_, _, _, _) => true };
        await tls.AuthenticateAsClientAsync(options);
        _stream = tls;
    }

    // False once the time is over or the connection closed.
    private async Task<bool> ReadAsync(CancellationToken ct)
    {
        try
        {
            var count = 0;
            if (_socket is not null)
            {
                var part = await _socket.ReceiveAsync(_buffer, ct);
                count = part.MessageType == WebSocketMessageType.Close ? 0 : part.Count;
            }
            else
            {
                count = await _stream!.ReadAsync(_buffer, ct);
            }

            IsClosed = count == 0;
            _heard.Append(Encoding.UTF8.GetString(_buffer, 0, count));
            return count > 0;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
        catch (Exception e) when (e is IOException or WebSocketException)
        {
            IsClosed = true;
            return false;
        }
    }
}
