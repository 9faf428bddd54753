using System.Diagnostics;
using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Connections;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>What streams do about those who do too much.</summary>
public sealed class BoundsTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Streams_that_have_logged_in_stay_while_others_of_the_address_make_room()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = new StreamLimits { StreamsPerLoopbackAddress = 2 });
        await using var bound = await TcpTestClient.ConnectAsync(server.Port);
        await bound.LogInAsync(resource: "a");
        await using var first = await TcpTestClient.ConnectAsync(server.Port);
        await first.OpenAsync();
        await using var second = await WebSocketTestClient.ConnectAsync(server.HttpPort);
        await second.OpenAsync();
        await using var third = await TcpTestClient.ConnectAsync(server.Port);
        Assert.Contains("<stream:error><policy-violation ", await first.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Contains("<mechanisms ", await third.OpenAsync(), StringComparison.Ordinal);
        await bound.WriteAsync("<message><body>hi</body></message>");
        await StreamServer.Until(() => server.Bound.First().Received.Count == 1);
        Assert.Equal(MetLimit.HalfOpen.EventId, Assert.Single(server.Log.Warnings).Id);
    }

    [Fact]
    public async Task One_address_has_so_many_streams_and_gets_them_back()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = new StreamLimits { StreamsPerLoopbackAddress = 1 });
        await using var first = await TcpTestClient.ConnectAsync(server.Port);
        await first.LogInAsync(resource: "a");
        await using var second = await WebSocketTestClient.ConnectAsync(server.HttpPort);
        await second.OpenAsync();
        await ScramClient.RunAsync(second, "SCRAM-SHA-256", "ann", "secret");
        await second.OpenAsync();
        await second.WriteAsync("<iq xmlns='jabber:client' type='set' id='b'><bind xmlns='urn:ietf:params:xml:ns:xmpp-bind'/></iq>");
        await second.ReadUntilAsync("<policy-violation ");
        Assert.Equal(MetLimit.Streams.EventId, Assert.Single(server.Log.Warnings).Id);
        await first.WriteAsync("</stream:stream>");
        await first.ReadToEndAsync();
        await StreamServer.Until(() => server.Open.Count == 0);
        await using var third = await TcpTestClient.ConnectAsync(server.Port);
        Assert.StartsWith("ann@one.test/", await third.LogInAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SCRAM-SHA-256")]
    [InlineData("PLAIN")]
    public async Task Guesses_beyond_the_limit_are_not_even_looked_at(string mechanism)
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = o.Limits with { FailedLogIns = 7 });
        var answers = new List<string>();
        for (var connection = 0; connection < 2; connection++)
        {
            await using var client = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
            await client.OpenAsync();
            for (var i = 0; i < 5; i++) answers.Add(await GuessAsync(client, mechanism, "wrong"));
        }

        Assert.All(answers.Take(7), a => Assert.Contains("<not-authorized/>", a, StringComparison.Ordinal));
        Assert.All(answers.Skip(7), a => Assert.Contains("<temporary-auth-failure/>", a, StringComparison.Ordinal));
        Assert.Equal(7, server.Lookups);
        Assert.Contains("as ann@one.test", Assert.Single(server.Log.Warnings).Text, StringComparison.Ordinal);
        // Another account is not concerned.
        await using var other = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
        await other.OpenAsync("two.test");
        await ScramClient.RunAsync(other, "SCRAM-SHA-256", "ann", "secret");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_flood_is_read_at_the_pace_of_its_account_on_all_its_streams_together(bool isWebSocket)
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = o.Limits with { StanzasPerSecond = 100 });
        await using TestClient one = isWebSocket ? await WebSocketTestClient.ConnectAsync(server.HttpPort) : await TcpTestClient.ConnectAsync(server.Port);
        await one.LogInAsync(resource: "a");
        await using var other = await TcpTestClient.ConnectAsync(server.Port);
        await other.LogInAsync(resource: "b");
        var clock = Stopwatch.StartNew();
        var floods = new[] { one, other }.Select(c => Task.Run(async () =>
        {
            for (var i = 0; i < 600; i++) await c.WriteAsync("<message xmlns='jabber:client'><body>hi</body></message>");
        }, Ct)).ToArray();
        await Task.Delay(700, Ct);
        var received = server.Bound.Sum(b => b.Received.Count);
        Assert.InRange(received, 1000, 1010 + (int)(clock.Elapsed.TotalSeconds * 100));
        Assert.Equal((MetLimit.Pace.EventId, true), (Assert.Single(server.Log.Warnings).Id, server.Log.Warnings.First().Text.Contains("ann@one.test", StringComparison.Ordinal)));
        await StreamServer.Until(() => server.Bound.Sum(b => b.Received.Count) == 1200);
        await Task.WhenAll(floods);
    }

    [Fact]
    public async Task White_space_counts_too()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = o.Limits with { BytesPerSecond = 10_000 });
        await using var client = await TcpTestClient.ConnectAsync(server.Port);
        await client.OpenAsync();
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++) await client.WriteAsync(new string(' ', 100_000));
        }, Ct);
        await StreamServer.Until(() => !server.Log.Warnings.IsEmpty);
        Assert.False(writing.IsCompleted);
        Assert.Equal(MetLimit.Pace.EventId, server.Log.Warnings.First().Id);
        client.Reset();
        await Assert.ThrowsAnyAsync<Exception>(() => writing);
    }

    [Fact]
    public async Task Who_asks_without_reading_is_cut()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = o.Limits with { OutboundBytes = 100_000, StanzasPerSecond = 0, BytesPerSecond = 0 });
        await using var client = await TcpTestClient.ConnectAsync(server.Port);
        await client.LogInAsync();
        // Each earns a refusal, which belongs to the stream itself and so waits for no room.
        var many = string.Concat(Enumerable.Repeat("<r xmlns='urn:xmpp:sm:3'/>", 1000));
        await Assert.ThrowsAnyAsync<IOException>(async () =>
        {
            for (var i = 0; i < 2000; i++) await client.WriteAsync(many);
        });
        await StreamServer.Until(() => server.Open.Count == 0);
        Assert.Equal(MetLimit.Unread.EventId, Assert.Single(server.Log.Warnings).Id);
    }

    [Theory]
    [InlineData("<!DOCTYPE a [<!ENTITY b 'c'>]>", "restricted-xml")]
    [InlineData("<!-- no -->", "restricted-xml")]
    [InlineData("deep", "policy-violation")]
    public async Task XML_that_no_client_sends_is_told_of_once(string bad, string condition)
    {
        if (bad == "deep") bad = string.Concat(Enumerable.Repeat("<a xmlns='x'>", 100));
        await using var server = await StreamServer.StartAsync();
        for (var i = 0; i < 5; i++)
        {
            await using var client = await TcpTestClient.ConnectAsync(server.Port);
            await client.OpenAsync();
            await client.WriteAsync(bad);
            Assert.Contains($"<{condition} ", await client.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        }

        var (id, text) = Assert.Single(server.Log.Warnings);
        Assert.Equal(condition == "restricted-xml" ? MetLimit.RestrictedXml.EventId : MetLimit.XmlSize.EventId, id);
        Assert.Contains("127.0.0.1", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Many_that_never_log_in_are_told_of()
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(o => o.Time = time);
        var clients = new List<TcpTestClient>();
        for (var i = 0; i < 12; i++)
        {
            clients.Add(await TcpTestClient.ConnectAsync(server.Port));
            await clients[^1].OpenAsync();
        }

        for (var i = 0; i < 32; i++) time.Advance(TimeSpan.FromSeconds(1));
        await StreamServer.Until(() => !server.Log.Warnings.IsEmpty);
        Assert.Equal(MetLimit.Slow.EventId, server.Log.Warnings.First().Id);
        foreach (var client in clients) await client.DisposeAsync();
    }

    [Fact]
    public async Task A_stream_that_cannot_be_cut_ends_neither_the_rounds_nor_the_program()
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(o => o.Time = time);
        var broken = new SilentConnection { OnAbort = () => throw new InvalidOperationException("It is over already.") };
        var running = new ClientStream(broken, server.Get<StreamContext>()).RunAsync();
        await using var other = await TcpTestClient.ConnectAsync(server.Port);
        await other.OpenAsync();
        for (var i = 0; i < 40; i++)
        {
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(5, Ct);
        }

        // The round goes on to the other, which took too long.
        Assert.Contains("<connection-timeout ", await other.ReadToEndAsync(), StringComparison.Ordinal);
        broken.End();
        await running;
    }

    [Fact]
    public void A_WebSocket_whose_request_is_over_is_cut_without_a_word()
    {
        using var socket = new OverWebSocket();
        var connection = new WebSocketXmppConnection(socket, null, new ConnectionSecurity(true, false, false, default), new());
        connection.Abort();
        Assert.True(socket.IsAsked);
    }

    private static async Task<string> GuessAsync(TestClient client, string mechanism, string password)
    {
        if (mechanism == "PLAIN") return await ScramClient.PlainAsync(client, "ann", password);
        try
        {
            await ScramClient.RunAsync(client, mechanism, "ann", password);
            return "success";
        }
        catch (InvalidOperationException e)
        {
            return e.Message;
        }
    }
}
