using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>What happens when nothing happens, in virtual time.</summary>
public sealed class StreamTimeTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly StreamLimits _limits = new();
    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (_time, _limits));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task Whoever_does_not_authenticate_in_time_goes()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await using var mute = await TcpTestClient.ConnectAsync(_server.Port);
        await StreamServer.Until(() => _server.Open.Count == 2);
        _time.Advance(_limits.AuthenticationTime - TimeSpan.FromSeconds(2));
        // Trickling does not help.
        await client.WriteAsync("<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' ");
        _time.Advance(TimeSpan.FromSeconds(3));
        Assert.Contains("<connection-timeout ", await client.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        Assert.Contains("<connection-timeout ", await mute.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_does_not_finish_the_handshake_goes()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync("<starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        await client.ReadUntilAsync("<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>");
        // The limit's timer is made just after that.
        for (var i = 0; i < 100 && !client.IsAtEnd && _server.Open.Count > 0; i++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(200));
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }

        Assert.Equal("", await client.ReadToEndAsync());
    }

    [Fact]
    public async Task A_silent_client_is_asked_and_its_answer_keeps_it()
    {
        await using var client = await LogInAsync();
        _time.Advance(_limits.IdleBeforePing + TimeSpan.FromSeconds(1));
        var ping = await client.ReadUntilAsync("</iq>");
        Assert.Equal("<iq type='get' id='parley-are-you-there' from='one.test' to='ann@one.test/made'><ping xmlns='urn:xmpp:ping'/></iq>", ping);
        await client.WriteAsync("<iq type='error' id='parley-are-you-there'><error type='cancel'><service-unavailable xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></error></iq><message id='next'/>");
        var session = await _server.BoundAsync();
        await StreamServer.Until(() => session.Received.Count == 1);
        Assert.Equal("next", session.Received.First()["id"]);
        _time.Advance(_limits.PingAnswer + TimeSpan.FromSeconds(5));
        Assert.Equal(0, session.Ends);
    }

    [Fact]
    public async Task White_space_is_a_sign_of_life()
    {
        await using var client = await LogInAsync();
        _time.Advance(_limits.IdleBeforePing - TimeSpan.FromSeconds(10));
        await client.WriteAsync(" <message/>");
        var session = await _server.BoundAsync();
        await StreamServer.Until(() => session.Received.Count == 1);
        _time.Advance(_limits.IdleBeforePing - TimeSpan.FromSeconds(10));
        await session.Stream.SendAsync(StreamFloodTests.Message(1), ct: TestContext.Current.CancellationToken);
        Assert.StartsWith("<message", await client.ReadUntilAsync("</message>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_does_not_answer_is_gone()
    {
        await using var client = await LogInAsync();
        _time.Advance(_limits.IdleBeforePing + TimeSpan.FromSeconds(1));
        await client.ReadUntilAsync("</iq>");
        _time.Advance(_limits.PingAnswer + TimeSpan.FromSeconds(1));
        Assert.Contains("<connection-timeout ", await client.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        var session = await _server.BoundAsync();
        // It still may close its side, and what it says until then does not reset the connection.
        await client.WriteAsync("<message/>");
        Assert.False(client.IsAtEnd);
        Assert.Equal(0, session.Ends);
        // Nor does it: the socket is given back all the same.
        _time.Advance(_limits.CloseTime + TimeSpan.FromSeconds(1));
        Assert.Equal("", await client.ReadToEndAsync());
        await StreamServer.Until(() => session.Ends == 1 && _server.Open.Count == 0);
    }

    private async Task<TcpTestClient> LogInAsync()
    {
        var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        // One round, which notes what has arrived.
        _time.Advance(TimeSpan.FromSeconds(1));
        return client;
    }
}
