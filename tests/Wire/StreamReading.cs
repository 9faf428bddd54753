using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Text;
using Parley.tests.Lab;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Wire;

/// <summary>Reads a stream's elements.</summary>
internal sealed class StreamReading(Stream stream)
{
    private const int Port = 5223; // TLS from the first byte
    private static readonly byte[] Header = Encoding.UTF8.GetBytes("<?xml version='1.0'?><stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='localhost' version='1.0'>");
    private readonly XmlStreamParser _parser = XmlStreamParser.ForStream(new XmlStreamLimits { StanzaBytes = 1_000_000 });
    private readonly byte[] _buffer = new byte[16 * 1024];
    private Memory<byte> _unread;

    /// <summary>Connects and logs in; what the caller says next is behind authentication. The caller disposes the stream.</summary>
    public static async Task<(Stream Stream, StreamReading Reading)> LogInAsync(NetworkNamespace ns, string user, string password, CancellationToken ct)
    {
        var socket = ns.Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        SslStream? stream = null;
        try
        {
            await socket.ConnectAsync(new IPEndPoint(IPAddress.Loopback, Port), ct);
            stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
            await stream.AuthenticateAsClientAsync(new SslClientAuthenticationOptions { TargetHost = "localhost", RemoteCertificateValidationCallback = (_, _, _, _) => true }, ct);
            var reading = new StreamReading(stream);
            await reading.OpenAsync(ct);
            await reading.AskAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String(Encoding.UTF8.GetBytes($"\0{user}\0{password}"))}</auth>", "success", ct);
            reading = new StreamReading(stream);
            await reading.OpenAsync(ct);
            return (stream, reading);
        }
        catch
        {
            if (stream is not null) await stream.DisposeAsync();
            socket.Dispose();
            throw;
        }
    }

    /// <summary>Opens a stream and takes its features.</summary>
    public async Task OpenAsync(CancellationToken ct)
    {
        await stream.WriteAsync(Header, ct);
        await ExpectAsync("features", ct);
    }

    /// <summary>Says something and takes what answers it.</summary>
    public async Task AskAsync(string text, string answer, CancellationToken ct)
    {
        await stream.WriteAsync(Encoding.UTF8.GetBytes(text), ct);
        await ExpectAsync(answer, ct);
    }

    /// <summary>The next element.</summary>
    public async Task<Element> NextAsync(CancellationToken ct)
    {
        while (true)
        {
            while (_unread.Length > 0)
            {
                var step = _parser.Advance(_unread.Span, out var consumed);
                _unread = _unread[consumed..];
                if (step.Kind == XmlStreamEventKind.Element) return step.Element!;
                if (step.Kind is XmlStreamEventKind.StreamClosed or XmlStreamEventKind.Fault) throw new IOException("The stream ended.");
            }

            var read = await stream.ReadAsync(_buffer, ct);
            if (read == 0) throw new IOException("The connection ended.");
            _unread = _buffer.AsMemory(0, read);
        }
    }

    private async Task ExpectAsync(string name, CancellationToken ct)
    {
        while (await NextAsync(ct) is var heard && heard.Name != name)
        {
            if (heard.Name is "failure" or "error" or "failed") throw new InvalidOperationException(heard.ToString());
        }
    }
}
