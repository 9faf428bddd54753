using System.Net.WebSockets;
using System.Text;

namespace Parley.tests.Xmpp.Server.Streams;

public sealed class WebSocketFramingTests : IAsyncLifetime
{
    private const string Framing = "urn:ietf:params:xml:ns:xmpp-framing";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(null)]
    [InlineData("chat")]
    public async Task Without_the_subprotocol_there_is_no_WebSocket(string? subprotocol)
    {
        var refusal = await Assert.ThrowsAsync<WebSocketException>(() => WebSocketTestClient.ConnectAsync(_server.HttpPort, subprotocol: subprotocol));
        Assert.Contains("400", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<message xmlns='jabber:client'/>", "not-authorized")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='other.test' version='1.0'/>", "host-unknown")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='one.test'/>", "unsupported-version")]
    [InlineData("<stream:stream xmlns='jabber:client' xmlns:stream='http://etherx.jabber.org/streams' to='one.test' version='1.0'>", "bad-format")]
    [InlineData("<open xmlns='urn:ietf:params:xml:ns:xmpp-framing' to='one.test' version='1.0'>", "bad-format")]
    [InlineData("<a/><b/>", "bad-format")]
    [InlineData("text", "bad-format")]
    [InlineData("<!DOCTYPE a>", "restricted-xml")]
    [InlineData("<a b='1' b='2'/>", "not-well-formed")]
    public async Task A_stream_begins_with_one_open_per_message(string frame, string condition)
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.WriteAsync(frame);
        var answer = await client.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>");
        Assert.Equal(3, client.Messages.Count);
        Assert.StartsWith($"<open xmlns='{Framing}' ", answer, StringComparison.Ordinal);
        Assert.StartsWith($"<stream:error xmlns:stream='http://etherx.jabber.org/streams'><{condition} xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", client.Messages[1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Messages_are_text()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.OpenAsync();
        await client.WriteAsync("<message xmlns='jabber:client'/>"u8.ToArray(), WebSocketMessageType.Binary, end: true);
        Assert.Contains("<bad-format ", await client.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_message_may_come_in_pieces_and_white_space_is_none()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.LogInAsync();
        await client.WriteAsync(" ");
        var bytes = Encoding.UTF8.GetBytes($"<message xmlns='jabber:client'><body>{new string('é', 20_000)}</body></message>");
        // Cut inside a character.
        await client.WriteAsync(bytes[..10_001], WebSocketMessageType.Text, end: false);
        await client.WriteAsync(bytes[10_001..10_001], WebSocketMessageType.Text, end: false);
        await client.WriteAsync(bytes[10_001..], WebSocketMessageType.Text, end: true);
        var session = await _server.BoundAsync();
        await StreamServer.Until(() => session.Received.Count == 1);
        Assert.Equal(new string('é', 20_000), session.Received.First().Child("body")!.Value);
    }

    [Fact]
    public async Task A_stanza_without_its_namespace_is_none()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.LogInAsync();
        await client.WriteAsync("<message/>");
        Assert.Contains("<unsupported-stanza-type ", await client.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sizes_are_bounded_before_the_message_ends()
    {
        await using var client = await WebSocketTestClient.ConnectAsync(_server.HttpPort);
        await client.OpenAsync();
        await client.WriteAsync(Encoding.UTF8.GetBytes("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='" + new string('x', 20_000)), WebSocketMessageType.Text, end: false);
        Assert.Contains("<policy-violation ", await client.ReadUntilAsync("<close xmlns='urn:ietf:params:xml:ns:xmpp-framing'/>"), StringComparison.Ordinal);
    }
}
