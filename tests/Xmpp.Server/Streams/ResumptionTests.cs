using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>XEP-0198 section 5: a client goes on where its connection broke.</summary>
public sealed class ResumptionTests : IAsyncLifetime
{
    private const string NotFound = "<item-not-found xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 2, 3, 4, 5, TimeSpan.Zero));
    private StreamServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() =>
        _server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (_time, new StreamLimits { UnacknowledgedStanzas = 20, OutboundBytes = 100_000 }));

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Everything_comes_once_and_in_order_however_often_the_connection_breaks(bool isWebSocket)
    {
        await using var first = await ConnectAsync(isWebSocket);
        var id = await first.LogInManagedAsync();
        var session = await _server.BoundAsync();
        foreach (var one in new[] { "out-1", "out-2" }) await first.WriteAsync($"<message xmlns='jabber:client' id='{one}'/>");
        await StreamServer.Until(() => session.Received.Count == 2);
        for (var i = 1; i <= 3; i++) Assert.True(await session.Stream.SendAsync(ManagedClient.Message($"{i}"), null, Ct));
        await first.ReadUntilAsync("id='3'");
        await CutAsync(first);
        Assert.True(await session.Stream.SendAsync(ManagedClient.Message("4"), null, Ct));

        // Of the first three it had one.
        await using var second = await ConnectAsync(isWebSocket);
        var resumed = await second.ResumeAsync(id, 1);
        Assert.Equal((id, "2"), (ManagedClient.Attribute(resumed, "previd"), ManagedClient.Attribute(resumed, "h")));
        Assert.Equal(["2", "3", "4"], await second.MessagesAsync());
        await second.WriteAsync("<message xmlns='jabber:client' id='out-3'/>");
        await second.AcknowledgeAsync(2);
        Assert.Empty(await second.MessagesAsync()); // asks for the rest
        await CutAsync(second);

        await using var third = await ConnectAsync(isWebSocket);
        Assert.Equal("3", ManagedClient.Attribute(await third.ResumeAsync(id, 4), "h"));
        Assert.True(await session.Stream.SendAsync(ManagedClient.Message("5"), null, Ct));
        Assert.Equal(["5"], await third.MessagesAsync());
        await third.AcknowledgeAsync(5);
        await third.AskAsync();
        Assert.Equal("3", await third.CountAsync());
        Assert.Equal(["out-1", "out-2", "out-3"], session.Received.Select(r => r["id"]));
        Assert.Equal((2, 0), (session.Resumptions, session.Ends));
        Assert.Empty(session.Lost);
        Assert.Single(_server.Bound);
    }

    [Fact]
    public async Task A_client_that_comes_back_before_its_old_connection_is_seen_to_be_dead_takes_over()
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await session.Stream.SendAsync(ManagedClient.Message("1"), null, Ct);
        await old.MessagesAsync();
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.ResumeAsync(id, 0);
        Assert.Equal(["1"], await client.MessagesAsync());
        Assert.Contains("<conflict ", await old.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        await client.WriteAsync("<message id='next'/>");
        await StreamServer.Until(() => session.Received.Count == 1);
        Assert.Equal(0, session.Ends);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_resumes_by_the_new_password_stays_and_who_is_there_by_the_old_one_does_not(bool resumes)
    {
        _server.Change = 4;
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        Assert.False(session.Stream.CloseProvenBefore(4, "not-authorized"));
        _server.Change = 5; // and nobody has looked yet
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        if (resumes) await client.ResumeAsync(id, 0);
        Assert.Equal(!resumes, session.Stream.CloseProvenBefore(5, "not-authorized"));
        if (!resumes) Assert.Contains("<not-authorized ", await old.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
        else Assert.True(session.Stream.CloseProvenBefore(6, "not-authorized"));
    }

    [Fact]
    public async Task A_count_beyond_what_was_sent_resumes_nothing_and_loses_nothing()
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await session.Stream.SendAsync(ManagedClient.Message("1"), null, Ct);
        await old.MessagesAsync();
        await CutAsync(old);
        await using var wrong = await TcpTestClient.ConnectAsync(_server.Port);
        await wrong.ResumeAsync(id, 2);
        var error = wrong.Seen + await wrong.ReadUntilAsync("</stream:stream>");
        Assert.Contains("<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/>", error, StringComparison.Ordinal);
        Assert.Equal(0, session.Ends);
        await using var right = await TcpTestClient.ConnectAsync(_server.Port);
        await right.ResumeAsync(id, 0);
        Assert.Equal(["1"], await right.MessagesAsync());
        Assert.Equal(0, _server.Open.Detached);
    }

    [Fact]
    public async Task Nobody_resumes_what_is_not_there_or_somebody_elses_but_may_bind_instead()
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        await CutAsync(old);
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        // The same name in the other domain is another account.
        Assert.Equal($"<failed xmlns='urn:xmpp:sm:3'>{NotFound}", await client.ResumeAsync(id, 0, "two.test"));
        await client.WriteAsync("<resume xmlns='urn:xmpp:sm:3' previd='invented' h='0'/>");
        Assert.Equal($"<failed xmlns='urn:xmpp:sm:3'>{NotFound}", await client.ReadUntilAsync("</failed>"));
        await client.WriteAsync("<resume xmlns='urn:xmpp:sm:3' previd='invented'/>");
        Assert.Contains("<bad-request ", await client.ReadUntilAsync("</failed>"), StringComparison.Ordinal);
        Assert.StartsWith("ann@two.test/", await client.BindAsync(), StringComparison.Ordinal);
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>");
        await client.NextAsync("enabled");
        Assert.Equal(0, _server.Bound.First().Ends);
    }

    [Fact]
    public async Task A_session_waits_for_so_long_and_then_ends_with_what_did_not_arrive()
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await old.WriteAsync("<message/><message/><message/>");
        await StreamServer.Until(() => session.Received.Count == 3);
        foreach (var one in new[] { "1", "2" }) await session.Stream.SendAsync(ManagedClient.Message(one), null, Ct);
        await old.MessagesAsync();
        await old.AcknowledgeAsync(1);
        await old.AskAsync();
        await old.CountAsync();
        await CutAsync(old);
        Assert.Equal(1, _server.Open.Detached);
        var awaited = new AwaitedDelivery();
        await session.Stream.SendAsync(ManagedClient.Message("3"), awaited, Ct);
        _time.Advance(TimeSpan.FromMinutes(5) - TimeSpan.FromSeconds(2));
        await Task.Delay(50, Ct);
        Assert.Equal(0, session.Ends);
        _time.Advance(TimeSpan.FromSeconds(3));
        await StreamServer.Until(() => session.Ends >= 1 && session.Lost.Count == 2);
        Assert.Equal(["2", "3"], session.Lost.Select(s => s.Id));
        Assert.False(await session.Stream.SendAsync(ManagedClient.Message("4"), null, Ct));

        Assert.Equal(0, _server.Open.Detached);

        // The client hears what need not be sent again.
        await using var late = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Equal($"<failed xmlns='urn:xmpp:sm:3' h='3'>{NotFound}", await late.ResumeAsync(id, 3));
        await late.BindAsync();
    }

    [Theory]
    [InlineData(100, 20)] // by their number
    [InlineData(30_000, 4)] // by their bytes
    public async Task A_flood_to_whoever_is_away_ends_the_session_within_its_bounds(int size, int most)
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await CutAsync(old);
        var taken = 0;
        while (await session.Stream.SendAsync(ManagedClient.Message($"{taken}", $"<body>{new string('x', size)}</body>"), null, Ct)) Assert.True(++taken < 1000, "Nothing ends it.");
        Assert.Equal(most, taken);
        await StreamServer.Until(() => session.Ends >= 1 && session.Lost.Count == taken);
        Assert.Equal(Enumerable.Range(0, taken).Select(i => $"{i}"), session.Lost.Select(s => s.Id));
        Assert.False(await session.Stream.SendAsync(ManagedClient.Message("more"), null, Ct));
    }

    [Fact]
    public async Task A_call_that_is_over_does_not_ring_when_the_client_comes_back()
    {
        await using var old = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await old.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await CutAsync(old);
        var settled = new AwaitedDelivery();
        await session.Stream.SendAsync(Call("taken-back", "propose", "1"), settled, Ct);
        await session.Stream.SendAsync(Call("retract", "retract", "1"), null, Ct);
        await session.Stream.SendAsync(Call("too-old", "propose", "2"), null, Ct);
        _time.Advance(TimeSpan.FromSeconds(61));
        await session.Stream.SendAsync(Call("rings", "propose", "3"), null, Ct);
        await session.Stream.SendAsync(ManagedClient.Message("last"), null, Ct);
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.ResumeAsync(id, 0);
        Assert.Equal(["retract", "rings", "last"], await client.MessagesAsync());
        Assert.True(await settled.Outcome.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        // The count goes by what was sent.
        await client.AcknowledgeAsync(3);
        await client.AskAsync();
        await client.CountAsync();
        Assert.Equal(0, session.Ends);
    }

    [Theory]
    [InlineData(false, 1)]
    [InlineData(true, 2)]
    public async Task Wherever_the_connection_breaks_both_sides_have_everything_once_and_in_order(bool isTls, int seed)
    {
        const int Most = 600;
        await using var server = await StreamServer.StartAsync();
        var random = new Random(seed);
        var port = isTls ? server.TlsPort : server.Port;
        var client = await TcpTestClient.ConnectAsync(port, isTls);
        var id = await client.LogInManagedAsync();
        var session = await server.BoundAsync();
        var sending = Task.Run(async () =>
        {
            for (var i = 1; i <= Most; i++)
            {
                Assert.True(await session.Stream.SendAsync(ManagedClient.Message($"{i}"), null, Ct));
                if (i % 50 == 0) await Task.Delay(20, Ct);
            }
        }, Ct);

        var (had, said, breaks) = (0, 0, 0);
        while (true)
        {
            for (var upTo = Math.Min(Most, had + random.Next(1, 60)); had < upTo;)
            {
                Assert.Equal([$"{++had}"], ManagedClient.Ids(await client.ReadUntilAsync("type='chat'/>")));
                if (random.Next(3) == 0) await client.AcknowledgeAsync((uint)had);
                await client.WriteAsync($"<message id='{++said}'/>");
            }

            if (had == Most) break;
            client.Reset();
            breaks++;
            client = await TcpTestClient.ConnectAsync(port, isTls);
            var resumed = await client.ResumeAsync(id, (uint)had);
            Assert.Contains("<resumed ", resumed, StringComparison.Ordinal);
            // As a client does: what the server has not had is said again.
            var heard = int.Parse(ManagedClient.Attribute(resumed, "h"), System.Globalization.CultureInfo.InvariantCulture);
            for (var again = heard + 1; again <= said; again++) await client.WriteAsync($"<message id='{again}'/>");
        }

        await sending;
        await client.AcknowledgeAsync(Most);
        await client.AskAsync();
        Assert.Equal($"{Most}", await client.CountAsync());
        Assert.Equal(Enumerable.Range(1, Most).Select(i => $"{i}"), session.Received.Select(r => r["id"]));
        Assert.Equal((breaks, 0), (session.Resumptions, session.Ends));
        Assert.InRange(breaks, 10, Most);
        await client.DisposeAsync();
    }

    private static Parley.Xmpp.Core.Stanzas.Message Call(string id, string verb, string call) => ManagedClient.Message(id, $"<{verb} xmlns='urn:xmpp:jingle-message:0' id='{call}'/>");

    private async Task<TestClient> ConnectAsync(bool isWebSocket) => isWebSocket ? await WebSocketTestClient.ConnectAsync(_server.HttpPort) : await TcpTestClient.ConnectAsync(_server.Port);

    private async Task CutAsync(TestClient client)
    {
        if (client is TcpTestClient tcp) tcp.Reset();
        else await client.DisposeAsync();
        await StreamServer.Until(() => _server.Open.Count == 0);
    }
}
