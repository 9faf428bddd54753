using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Security.Cryptography;
using System.Text;
using Parley.Doctor.Xmpp;

namespace Parley.bench.Chat;

/// <summary>A client that costs little: it logs in as any other, and then only counts what comes.</summary>
internal sealed class ChatClient : IDisposable
{
    private const string Header = "<?xml version='1.0'?><stream:stream to='localhost' version='1.0' xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams'>";

    private readonly Socket _socket;
    private readonly byte[] _buffer = new byte[16 * 1024];
    private readonly TagCounter _messages = new("</message>"), _questions = new("<r ");
    private Stream _stream;
    private string _heard = "";

    private ChatClient(Socket socket) => (_socket, _stream) = (socket, new NetworkStream(socket));

    /// <summary>How often the server has asked for the client's count (XEP-0198) beside the messages that were counted.</summary>
    public int Asked { get; private set; }

    /// <summary>Connects and opens a stream.</summary>
    public static async Task<ChatClient> ConnectAsync(int port)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        await socket.ConnectAsync(IPAddress.Loopback, port);
        var client = new ChatClient(socket);
        await client.OpenAsync();
        return client;
    }

    /// <summary>Logs in by SCRAM-SHA-1, which all servers have, binds a resource and becomes available.</summary>
    public static async Task<ChatClient> LogInAsync(int port, string user, string resource, bool hasTls = false)
    {
        var client = await ConnectAsync(port);
        if (hasTls) await client.StartTlsAsync();
        var scram = new ScramClient(HashAlgorithmName.SHA1, user, ChatServer.Password);
        await client.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='SCRAM-SHA-1'>{Convert.ToBase64String(scram.First())}</auth>");
        var challenge = Between(await client.ReadUntilAsync("</challenge>", "</failure>"), "challenge");
        await client.SendAsync($"<response xmlns='urn:ietf:params:xml:ns:xmpp-sasl'>{Convert.ToBase64String(scram.Final(Convert.FromBase64String(challenge)))}</response>");
        await client.ReadUntilAsync("</success>", "</failure>");
        await client.OpenAsync();
        await client.SendAsync($"<iq type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'><resource>{resource}</resource></bind></iq>");
        await client.ReadUntilAsync("</iq>");
        await client.SendAsync("<presence/><iq type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
        // By its own presence or its ping's answer, whichever server sends what: after it nothing else is to come.
        await client.ReadUntilAsync("id='p'", "id=\"p\"");
        await Task.Delay(1);
        return client;
    }

    /// <summary>Sends text.</summary>
    public Task SendAsync(string text) => SendAsync(Encoding.UTF8.GetBytes(text));

    /// <summary>Sends bytes.</summary>
    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await _stream.WriteAsync(bytes);

    /// <summary>Reads until one of these has come, and returns what came up to it.</summary>
    public async Task<string> ReadUntilAsync(params string[] any)
    {
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        while (true)
        {
            var ends = any.Select(a => _heard.IndexOf(a, StringComparison.Ordinal) is >= 0 and var at ? at + a.Length : int.MaxValue).Min();
            if (ends != int.MaxValue)
            {
                var taken = _heard[..ends];
                _heard = _heard[ends..];
                return taken;
            }

            var count = await _stream.ReadAsync(_buffer, patience.Token);
            if (count == 0) throw new IOException($"The server hung up: {_heard}");
            _heard += Encoding.UTF8.GetString(_buffer, 0, count);
        }
    }

    /// <summary>Counts the messages of what comes next; returns how many.</summary>
    public async Task<int> CountMessagesAsync(CancellationToken ct)
    {
        var count = await _stream.ReadAsync(_buffer, ct);
        if (count == 0) throw new IOException("The server hung up");
        // A message's last byte decides; one that is cut in two has its end in the second half.
        Asked += _questions.Count(_buffer.AsSpan(0, count));
        return _messages.Count(_buffer.AsSpan(0, count));
    }

    /// <summary>Throws away what came so far.</summary>
    public void Forget()
    {
        while (_socket.Available > 0) _socket.Receive(_buffer);
        _heard = "";
    }

    public void Dispose()
    {
        _stream.Dispose();
        _socket.Dispose();
    }

    private async Task StartTlsAsync()
    {
        await SendAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>", "<proceed xmlns=\"urn:ietf:params:xml:ns:xmpp-tls\"/>", "<failure");
        // Whose certificate it is does not matter here.
        var tls = new SslStream(_stream, leaveInnerStreamOpen: false, (_, _, _, _) => true);
        await tls.AuthenticateAsClientAsync(ChatServer.Domain);
        _stream = tls;
        await OpenAsync();
    }

    private async Task OpenAsync()
    {
        await SendAsync(Header);
        await ReadUntilAsync("</stream:features>");
    }

    private static string Between(string text, string name) => text.Contains($"<{name}", StringComparison.Ordinal)
        ? text[(text.IndexOf('>', text.IndexOf($"<{name}", StringComparison.Ordinal)) + 1)..text.IndexOf($"</{name}>", StringComparison.Ordinal)]
        : throw new IOException($"The server does not let the client in: {text}");
}
