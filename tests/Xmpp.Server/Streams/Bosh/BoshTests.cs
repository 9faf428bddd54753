using System.Net;

namespace Parley.tests.Xmpp.Server.Streams.Bosh;

/// <summary>XEP-0124 and XEP-0206 over HTTP.</summary>
public sealed class BoshTests : IAsyncLifetime
{
    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => o.Bosh = new() { Inactivity = TimeSpan.FromSeconds(2), BodyBytes = 400_000, UnreadBytes = 500_000 });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_logs_in_and_talks(bool tls)
    {
        using var client = new BoshClient(tls ? _server.HttpsPort : _server.HttpPort, tls);
        var first = await client.BeginAsync();
        Assert.StartsWith("<body xmlns='http://jabber.org/protocol/httpbind' sid='", first, StringComparison.Ordinal);
        foreach (var part in new[] { " from='one.test'", " wait='60'", " hold='1'", " requests='2'", " inactivity='2'", " authid='", "xmpp:version='1.0'", "restartlogic='true'", "<stream:features", "<mechanism>SCRAM-SHA-256</mechanism>" })
        {
            Assert.True(first.Contains(part, StringComparison.Ordinal) || (part[0] == 'x' && first.Contains(part[4..], StringComparison.Ordinal)), $"{part} is not in {first}");
        }

        Assert.Equal(tls, first.Contains("<mechanism>PLAIN</mechanism>", StringComparison.Ordinal));
        Assert.True(client.Sid.Length >= 24);

        using var other = new BoshClient(tls ? _server.HttpsPort : _server.HttpPort, tls);
        Assert.Contains("<jid>ann@one.test/made</jid>", await other.LogInAsync(), StringComparison.Ordinal);
        var session = await _server.BoundAsync();
        var held = other.SendAsync("<message xmlns='jabber:client' id='1'/><message xmlns='jabber:client' id='2'/>");
        await StreamServer.Until(() => session.Received.Count == 2);
        Assert.Equal(["1", "2"], session.Received.Select(r => r["id"]!));
        Assert.False(held.IsCompleted);
        await SendAsync(session, "3");
        Assert.Contains("<message xmlns='jabber:client' from='ben@one.test/b' to='ann@one.test/made' id='3'", await held, StringComparison.Ordinal);
        Assert.Equal("<body xmlns='http://jabber.org/protocol/httpbind' type='terminate'/>", await other.SendAsync("<presence xmlns='jabber:client' type='unavailable'/>", "type='terminate'"));
        await StreamServer.Until(() => session.Ends == 1);
        Assert.Equal("unavailable", session.Received.Last()["type"]);
        Assert.Contains("item-not-found", await other.SendAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_sent_while_no_request_is_there_comes_with_the_next_and_is_given_again_to_who_asks_again()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        await SendAsync(session, "1");
        var answer = await client.SendAsync();
        Assert.Contains("id='1'", answer, StringComparison.Ordinal);
        Assert.Equal(answer, await client.SendAsync(client.Rid));
        var later = client.SendAsync();
        Assert.Equal(answer, await client.SendAsync(client.Rid - 1));
        await SendAsync(session, "2");
        Assert.DoesNotContain("id='1'", await later, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Whoever_asks_for_the_same_without_end_breaks_the_rules(bool isAnswered)
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        if (!isAnswered) client.Rid++;
        var asked = new List<Task<string>>();
        // A network that breaks again and again, as many times as one breaks in a while.
        for (var i = 0; i < 20; i++) asked.Add(client.SendAsync(client.Rid));
        await StreamServer.Until(() => asked.Count(a => a.IsCompleted) == (isAnswered ? 20 : 19));
        var held = isAnswered ? client.SendAsync() : client.SendAsync(client.Rid);
        await SendAsync(session, "1");
        Assert.Contains("id='1'", await held, StringComparison.Ordinal);
        var answers = await Task.WhenAll(asked);
        var last = "";
        for (var i = 0; i < 50 && !last.Contains("terminate", StringComparison.Ordinal); i++) last = await client.SendAsync(client.Rid);
        Assert.All(answers, a => Assert.DoesNotContain("terminate", a, StringComparison.Ordinal));
        Assert.Contains("type='terminate' condition='policy-violation'", last, StringComparison.Ordinal);
        await StreamServer.Until(() => session.Ends == 1);
    }

    [Fact]
    public async Task No_more_requests_are_held_than_was_asked_for_and_each_at_most_its_time()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.BeginAsync(attributes: "wait='1' hold='1'");
        var first = client.SendAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        var second = client.SendAsync();
        Assert.Equal("<body xmlns='http://jabber.org/protocol/httpbind'/>", await first);
        Assert.False(second.IsCompleted);
        Assert.Equal("<body xmlns='http://jabber.org/protocol/httpbind'/>", await second);
    }

    [Fact]
    public async Task A_request_that_came_early_waits_for_the_one_before_it()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        var late = client.SendAsync(client.Rid + 2, "<message xmlns='jabber:client' id='2'/>");
        await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Empty(session.Received);
        await client.SendAsync(client.Rid + 1, "<message xmlns='jabber:client' id='1'/>");
        await StreamServer.Until(() => session.Received.Count == 2);
        Assert.Equal(["1", "2"], session.Received.Select(r => r["id"]!));
        await SendAsync(session, "3");
        Assert.Contains("id='3'", await late, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_whose_time_was_over_before_its_turn_came_carries_nothing_away()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync("wait='1' hold='1'");
        var session = await _server.BoundAsync();
        Assert.Equal("<body xmlns='http://jabber.org/protocol/httpbind'/>", await client.SendAsync(client.Rid + 2));
        var before = client.SendAsync(client.Rid + 1);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        client.Rid += 2;
        await SendAsync(session, "1");
        Assert.Contains("id='1'", await before, StringComparison.Ordinal);
        await SendAsync(session, "2");
        Assert.Contains("id='2'", await client.SendAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(-4)]
    [InlineData(3)]
    public async Task A_number_outside_the_window_ends_the_session(int ahead)
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        Assert.Contains("type='terminate' condition='item-not-found'", await client.SendAsync(client.Rid + ahead), StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Bound.Single().Ends == 1);
    }

    [Fact]
    public async Task A_session_that_nobody_asks_for_ends_and_what_was_not_fetched_is_given_back()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        await SendAsync(session, "1");
        await StreamServer.Until(() => session.Ends == 1);
        await StreamServer.Until(() => session.Lost.Any(l => l.Id == "1"));
        Assert.Contains("item-not-found", await client.SendAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_managed_session_is_resumed_by_another()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        var id = ManagedClient.Attribute((await client.SendAsync("<enable xmlns='urn:xmpp:sm:3' resume='true'/>")).Split("<enabled")[1], "id");
        await SendAsync(session, "1");
        await StreamServer.Until(() => _server.Open.Detached == 1);
        await using var again = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Contains("<resumed", await again.ResumeAsync(id, 0), StringComparison.Ordinal);
        await again.ReadUntilAsync("id='1'");
    }

    [Fact]
    public async Task Errors_are_said_by_condition_and_the_streams_own_go_along()
    {
        using var client = new BoshClient(_server.HttpPort);
        Assert.Contains("type='terminate' condition='host-unknown'", await client.BeginAsync("nowhere.test"), StringComparison.Ordinal);
        await client.BeginAsync();
        var error = await client.SendAsync("<message xmlns='jabber:client'/>");
        Assert.Contains("type='terminate' condition='remote-stream-error'", error, StringComparison.Ordinal);
        Assert.Contains("<stream:error xmlns:stream='http://etherx.jabber.org/streams'><not-authorized xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", error, StringComparison.Ordinal);
        foreach (var body in new[] { "", "<body/>", "nothing", "<body xmlns='http://jabber.org/protocol/httpbind'/>", "<body xmlns='http://jabber.org/protocol/httpbind' rid='0'/>", "<body xmlns='http://jabber.org/protocol/httpbind' rid='9007199254740992'/>", "<body xmlns='http://jabber.org/protocol/httpbind' rid='1'/><x/>" })
        {
            Assert.Contains("condition='bad-request'", await client.PostAsync(body), StringComparison.Ordinal);
        }

        Assert.Contains("condition='item-not-found'", await client.PostAsync("<body xmlns='http://jabber.org/protocol/httpbind' rid='5' sid='guess'/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_a_session_may_send_is_bounded_before_and_behind_authentication()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.BeginAsync();
        Assert.Contains("<policy-violation ", await client.SendAsync($"<auth xmlns='{ScramClient.Sasl}' mechanism='SCRAM-SHA-1'>{new string('x', 20_000)}</auth>"), StringComparison.Ordinal);
        using var other = new BoshClient(_server.HttpPort);
        await other.LogInAsync();
        var session = await _server.BoundAsync();
        var held = other.SendAsync($"<message xmlns='jabber:client' id='1'><body>{new string('x', 200_000)}</body></message>");
        await StreamServer.Until(() => session.Received.Count == 1);
        Assert.Contains("condition='policy-violation'", await other.PostAsync(new string('x', 400_001)), StringComparison.Ordinal);
        Assert.False(held.IsCompleted);
        Assert.Contains("<policy-violation ", string.Concat(await Task.WhenAll(held, other.SendAsync($"<message xmlns='jabber:client'><body>{new string('x', 300_000)}</body></message>"))), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Who_polls_too_fast_is_shown_out()
    {
        using var client = new BoshClient(_server.HttpPort);
        Assert.Contains(" hold='0'", await client.BeginAsync(attributes: "wait='0' hold='1'"), StringComparison.Ordinal);
        Assert.Equal("<body xmlns='http://jabber.org/protocol/httpbind'/>", await client.SendAsync());
        Assert.Contains("type='terminate' condition='policy-violation'", await client.SendAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_session_that_began_under_TLS_is_none_without()
    {
        using var client = new BoshClient(_server.HttpsPort, tls: true);
        await client.BeginAsync();
        using var other = new BoshClient(_server.HttpPort) { Sid = client.Sid, Rid = client.Rid };
        Assert.Contains("item-not-found", await other.SendAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Sessions_count_among_the_streams_of_an_address()
    {
        await using var server = await StreamServer.StartAsync(o => o.Limits = new() { StreamsPerLoopbackAddress = 1 });
        using var first = new BoshClient(server.HttpPort);
        await first.BeginAsync();
        using var second = new BoshClient(server.HttpPort);
        Assert.Contains("<mechanisms ", await second.BeginAsync(), StringComparison.Ordinal);
        Assert.Contains("type='terminate'", await first.SendAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_that_stops_says_so()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var held = client.SendAsync();
        await StreamServer.Until(() => !held.IsCompleted);
        await Task.Delay(100, TestContext.Current.CancellationToken);
        _server.Open.CloseAll("system-shutdown");
        Assert.Contains("type='terminate' condition='system-shutdown'", await held, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Pages_may_ask_and_other_methods_are_told_what_is_here()
    {
        using var http = new HttpClient();
        var uri = new Uri($"http://127.0.0.1:{_server.HttpPort}/http-bind");
        using var ask = new HttpRequestMessage(HttpMethod.Options, uri) { Headers = { { "Origin", "http://localhost:3000" }, { "Access-Control-Request-Method", "POST" } } };
        using var answer = await http.SendAsync(ask, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.NoContent, answer.StatusCode);
        Assert.Equal("http://localhost:3000", answer.Headers.GetValues("Access-Control-Allow-Origin").Single());
        Assert.Contains("POST", answer.Headers.GetValues("Access-Control-Allow-Methods").Single(), StringComparison.Ordinal);
        Assert.Equal("Content-Type", answer.Headers.GetValues("Access-Control-Allow-Headers").Single());
        using var get = await http.GetAsync(uri, TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.BadRequest, get.StatusCode);
    }

    private static ValueTask<bool> SendAsync(BoundClient session, string id) => session.Stream.SendAsync(ManagedClient.Message(id), null, TestContext.Current.CancellationToken);
}
