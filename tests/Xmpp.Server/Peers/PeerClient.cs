using System.Net;
using System.Net.Sockets;
using Parley.tests.Xmpp.Server.Streams;

namespace Parley.tests.Xmpp.Server.Peers;

/// <summary>A component or another server by hand: writes what it is told, reads whatever comes as text.</summary>
internal sealed class PeerClient(string content) : TestClient
{
    private readonly TcpClient _tcp = new() { NoDelay = true };
    private Stream _stream = Stream.Null;

    public static async Task<PeerClient> ConnectAsync(int port, string content)
    {
        var client = new PeerClient(content);
        await client._tcp.ConnectAsync(IPAddress.Loopback, port);
        client._stream = client._tcp.GetStream();
        return client;
    }

    public string Header(string to, string more = "") => $"<?xml version='1.0'?><stream:stream to='{to}' {more} xmlns='{content}' xmlns:stream='http://etherx.jabber.org/streams'>";

    /// <summary>Opens a component's stream; returns the server's header.</summary>
    public override async Task<string> OpenAsync(string to = "one.test")
    {
        await WriteAsync(Header(to));
        await ReadUntilAsync("<stream:stream");
        return await ReadUntilAsync(">");
    }

    public override async Task WriteAsync(byte[] bytes)
    {
        await _stream.WriteAsync(bytes);
        await _stream.FlushAsync();
    }

    /// <summary>What goes over the connection from now on.</summary>
    public void Through(Func<Stream, Stream> carrier) => _stream = carrier(_stream);

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
