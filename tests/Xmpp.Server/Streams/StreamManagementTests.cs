using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>XEP-0198 sections 2 to 4 and 7: enabling, counting, and the end of a stream.</summary>
public sealed class StreamManagementTests : IAsyncLifetime
{
    private StreamServer _server = null!;

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData("resume='true'", "300")]
    [InlineData("resume='1' max='20'", "20")]
    [InlineData("resume='true' max='4000000000'", "300")]
    public async Task A_stream_is_managed_and_can_be_resumed(string asked, string max)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await ScramClient.RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
        Assert.Contains("<sm xmlns='urn:xmpp:sm:3'>", await client.OpenAsync(), StringComparison.Ordinal);
        await client.BindAsync();
        await client.WriteAsync($"<enable xmlns='urn:xmpp:sm:3' {asked}/>");
        var enabled = await client.NextAsync("enabled");
        Assert.Equal(("true", max), (ManagedClient.Attribute(enabled, "resume"), ManagedClient.Attribute(enabled, "max")));
        Assert.True(ManagedClient.Attribute(enabled, "id").Length >= 20, "The id can be guessed.");
        // It is asked for once.
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        Assert.Contains("<policy-violation ", await client.ReadUntilAsync("</stream:stream>"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("resume='false'", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("resume='true' max='0'", "<enabled xmlns='urn:xmpp:sm:3'/>")]
    [InlineData("max='soon'", "<failed xmlns='urn:xmpp:sm:3'><bad-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>")]
    public async Task Or_is_not(string asked, string answer)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync($"<enable xmlns='urn:xmpp:sm:3' {asked}/>");
        Assert.Equal(answer, await client.ReadUntilAsync(answer));
    }

    [Fact]
    public async Task Before_its_time_it_fails_and_the_stream_goes_on()
    {
        const string Failed = "<failed xmlns='urn:xmpp:sm:3'><unexpected-request xmlns='urn:ietf:params:xml:ns:xmpp-stanzas'/></failed>";
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.OpenAsync();
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal(Failed, await client.ReadUntilAsync("</failed>"));
        await ScramClient.RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
        await client.OpenAsync();
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal(Failed, await client.ReadUntilAsync("</failed>"));
        await client.BindAsync();
        await client.WriteAsync("<r xmlns='urn:xmpp:sm:3'/>"); // of a stream that is not managed
        Assert.Equal(Failed, await client.ReadUntilAsync("</failed>"));
        await client.WriteAsync("<resume xmlns='urn:xmpp:sm:3' previd='x' h='0'/>"); // too late
        Assert.Equal(Failed, await client.ReadUntilAsync("</failed>"));
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        await client.NextAsync("enabled");
    }

    [Fact]
    public async Task What_the_client_sends_is_counted_once_it_is_handled()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<message id='before'/><enable xmlns='urn:xmpp:sm:3'/><r xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal("0", await client.CountAsync());
        await client.WriteAsync("<message id='1'/> <presence/><iq type='get' id='2'><ping xmlns='urn:xmpp:ping'/></iq><r xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal("3", await client.CountAsync());

        // The answer is not withheld, and given again once the rest is handled.
        var session = await _server.BoundAsync();
        session.IsSlow = true;
        await client.WriteAsync("<message id='3'/><message id='4'/><r xmlns='urn:xmpp:sm:3'/>");
        Assert.Equal("3", await client.CountAsync());
        session.Handle();
        Assert.Equal("5", await client.CountAsync());
    }

    [Fact]
    public async Task The_old_session_request_is_answered_and_counted()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInManagedAsync();
        await client.WriteAsync("<iq type='set' id='s'><session xmlns='urn:ietf:params:xml:ns:xmpp-session'/></iq>");
        Assert.Contains("<iq type='result' id='s'/>", await client.ReadUntilAsync("<r xmlns='urn:xmpp:sm:3'/>"), StringComparison.Ordinal);
        await client.AskAsync();
        Assert.Equal("1", await client.CountAsync());
    }

    [Fact]
    public async Task What_the_client_acknowledges_has_arrived_and_what_it_does_not_is_lost_with_the_session()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInAsync();
        await client.WriteAsync("<enable xmlns='urn:xmpp:sm:3'/>");
        await client.NextAsync("enabled");
        var session = await _server.BoundAsync();
        AwaitedDelivery first = new(), second = new();
        Assert.True(await session.Stream.SendAsync(ManagedClient.Message("1"), first, Ct));
        Assert.Equal(["1"], await client.MessagesAsync());
        Assert.True(await session.Stream.SendAsync(ManagedClient.Message("2"), second, Ct));
        await client.ReadUntilAsync("id='2'");
        await client.AskAsync();
        Assert.DoesNotContain("<r ", await client.ReadUntilAsync("<a "), StringComparison.Ordinal); // the first question is open
        Assert.False(first.Outcome.IsCompleted);
        await client.AcknowledgeAsync(1);
        Assert.True(await first.Outcome.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await client.MessagesAsync(); // asked again, for the second
        Assert.False(second.Outcome.IsCompleted);
        // This one cannot be resumed.
        client.Reset();
        await StreamServer.Until(() => session.Ends == 1);
        Assert.Equal(["2"], session.Lost.Select(s => s.Id));
    }

    [Theory]
    [InlineData("h='2'", "<undefined-condition xmlns='urn:ietf:params:xml:ns:xmpp-streams'/>", "<handled-count-too-high xmlns='urn:xmpp:sm:3' h='2' send-count='1'/>")]
    [InlineData("h='4294967295'", "<undefined-condition ", "h='4294967295'", true)]
    [InlineData("", "<bad-format ", "</stream:error>")]
    [InlineData("h='-1'", "<bad-format ", "</stream:error>")]
    public async Task A_count_that_cannot_be_ends_the_stream_and_the_session(string h, string condition, string more, bool isOld = false)
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        await client.LogInManagedAsync();
        var session = await _server.BoundAsync();
        await session.Stream.SendAsync(ManagedClient.Message("1"), null, Ct);
        await client.MessagesAsync();
        await client.WriteAsync($"<a xmlns='urn:xmpp:sm:3' {h}/>");
        if (isOld)
        {
            // Modulo 2^32 it is one from before.
            await client.AskAsync();
            Assert.Equal("0", await client.CountAsync());
            return;
        }

        var last = await client.ReadUntilAsync("</stream:stream>");
        Assert.Contains(condition, last, StringComparison.Ordinal);
        Assert.Contains(more, last, StringComparison.Ordinal);
        await client.WriteAsync("</stream:stream>");
        await StreamServer.Until(() => session.Ends == 1);
        Assert.Equal(["1"], session.Lost.Select(s => s.Id));
    }

    [Fact]
    public async Task A_client_that_says_goodbye_hears_the_last_count_and_its_session_ends()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.Port);
        var id = await client.LogInManagedAsync();
        await client.WriteAsync("<message/><message/></stream:stream>");
        var last = await client.ReadToEndAsync();
        Assert.EndsWith("<a xmlns='urn:xmpp:sm:3' h='2'/></stream:stream>", last, StringComparison.Ordinal);
        await StreamServer.Until(() => _server.Bound.First().Ends == 1);
        await using var again = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Contains("h='2'", await again.ResumeAsync(id, 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_reads_but_never_acknowledges_is_cut_and_its_senders_go_on()
    {
        var time = new FakeTimeProvider();
        await using var server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (time, new StreamLimits { UnacknowledgedStanzas = 3 }));
        await using var client = await TcpTestClient.ConnectAsync(server.Port);
        await client.LogInManagedAsync();
        var session = await server.BoundAsync();
        for (var i = 0; i < 3; i++) Assert.True(await session.Stream.SendAsync(ManagedClient.Message($"{i}"), null, Ct));
        var fourth = session.Stream.SendAsync(ManagedClient.Message("3"), null, Ct).AsTask();
        await Task.Delay(50, Ct);
        Assert.False(fourth.IsCompleted);
        await client.AcknowledgeAsync(1);
        Assert.True(await fourth.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        var fifth = session.Stream.SendAsync(ManagedClient.Message("4"), null, Ct).AsTask();
        time.Advance(TimeSpan.FromSeconds(4));
        await Task.Delay(50, Ct);
        Assert.False(fifth.IsCompleted);
        time.Advance(TimeSpan.FromSeconds(2));
        Assert.False(await fifth.WaitAsync(TimeSpan.FromSeconds(10), Ct));
        await StreamServer.Until(() => session.Ends >= 1);
        Assert.Equal(["1", "2", "3"], session.Lost.Select(s => s.Id));
    }

    [Fact]
    public async Task A_silent_client_is_asked_for_its_count_and_without_an_answer_may_come_back()
    {
        var (time, limits) = (new FakeTimeProvider(), new StreamLimits());
        await using var server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (time, limits));
        await using var client = await TcpTestClient.ConnectAsync(server.Port);
        var id = await client.LogInManagedAsync();
        time.Advance(TimeSpan.FromSeconds(1)); // notes what has arrived
        time.Advance(limits.IdleBeforePing + TimeSpan.FromSeconds(1));
        Assert.Equal("<r xmlns='urn:xmpp:sm:3'/>", await client.NextAsync("r"));
        await client.AcknowledgeAsync(0);
        await client.AskAsync();
        await client.CountAsync();
        time.Advance(TimeSpan.FromSeconds(1));
        time.Advance(limits.IdleBeforePing + TimeSpan.FromSeconds(1));
        await client.NextAsync("r");
        time.Advance(limits.PingAnswer + TimeSpan.FromSeconds(1));
        var session = await server.BoundAsync();
        await StreamServer.Until(() => server.Open.Count == 0);
        Assert.Equal(0, session.Ends);
        await using var again = await TcpTestClient.ConnectAsync(server.Port);
        Assert.Contains("<resumed ", await again.ResumeAsync(id, 0), StringComparison.Ordinal);
    }
}
