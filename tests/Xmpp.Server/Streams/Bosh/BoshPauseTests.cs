using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Streams.Bosh;

/// <summary>Sessions over HTTP whose client goes away for a while (XEP-0124 section 10).</summary>
public sealed class BoshPauseTests : IAsyncLifetime
{
    private const string Empty = "<body xmlns='http://jabber.org/protocol/httpbind'/>";
    private const string Gone = "type='terminate' condition='item-not-found'";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o =>
    {
        o.Bosh = new() { Inactivity = TimeSpan.FromSeconds(2), Pause = TimeSpan.FromSeconds(8) };
        o.Limits = new StreamLimits { CloseTime = TimeSpan.FromMilliseconds(50), WriteStall = TimeSpan.FromSeconds(1) };
    });

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public async Task What_is_said_while_a_client_is_away_waits_for_its_return()
    {
        using var client = new BoshClient(_server.HttpPort);
        await client.LogInAsync();
        var session = await _server.BoundAsync();
        var held = client.SendAsync();
        await Task.Delay(50, TestContext.Current.CancellationToken);
        Assert.Equal(Empty, await client.SendAsync(attributes: "pause='8'")); // at once, and the one that was held too
        Assert.Equal(Empty, await held);
        await SendAsync(session, "while-away");
        await Task.Delay(3500, TestContext.Current.CancellationToken); // longer than both limits
        Assert.Equal(0, session.Ends);
        Assert.Contains("id='while-away'", await client.SendAsync(), StringComparison.Ordinal);

        // From there on it is as before.
        await StreamServer.Until(() => session.Ends == 1);
    }

    [Fact]
    public async Task Who_does_not_return_in_the_time_that_it_asked_for_is_gone()
    {
        using var client = new BoshClient(_server.HttpPort);
        Assert.Contains(" maxpause='8'", await client.BeginAsync(), StringComparison.Ordinal);
        using var other = new BoshClient(_server.HttpPort);
        await other.LogInAsync();
        var session = await _server.BoundAsync();
        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(Empty, await other.SendAsync(attributes: "pause='4'"));
        await SendAsync(session, "1");
        await StreamServer.Until(() => session.Ends == 1);
        Assert.InRange(clock.Elapsed.TotalSeconds, 3, 10);
        await StreamServer.Until(() => session.Lost.Any(l => l.Id == "1"));
        Assert.Contains(Gone, await other.SendAsync(), StringComparison.Ordinal);
    }

    private static ValueTask<bool> SendAsync(BoundClient session, string id) => session.Stream.SendAsync(ManagedClient.Message(id), null, TestContext.Current.CancellationToken);
}
