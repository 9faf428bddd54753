using Microsoft.Extensions.Time.Testing;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>Nobody counts on a client that owes acknowledgements (XEP-0198), and each stanza that it may never have is told of once.</summary>
public sealed class SilenceTests : IAsyncLifetime
{
    private readonly FakeTimeProvider _time = new();
    private readonly StreamLimits _limits = new();
    private StreamServer _server = null!;
    private TcpTestClient _client = null!;
    private BoundClient _session = null!;
    private string _id = "";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync()
    {
        _server = await StreamServer.StartAsync(o => (o.Time, o.Limits) = (_time, _limits));
        _client = await TcpTestClient.ConnectAsync(_server.Port);
        _id = await _client.LogInManagedAsync();
        _session = await _server.BoundAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _client.DisposeAsync();
        await _server.DisposeAsync();
    }

    [Fact]
    public async Task One_that_owes_an_answer_is_in_doubt_until_it_speaks()
    {
        await SendAsync("1", "2");
        await WaitAsync(_limits.SilenceBeforeDoubt - TimeSpan.FromSeconds(2));
        Assert.Equal(ClientAttention.Active, _session.Stream.Attention);
        Assert.Empty(_session.Unheard);

        await WaitAsync(TimeSpan.FromSeconds(4));
        Assert.Equal(ClientAttention.Away, _session.Stream.Attention);
        Assert.Equal(["1 2"], _session.Unheard);
        // Whoever sends something now knows.
        await SendAsync("3");
        await WaitAsync(_limits.SilenceBeforeDoubt * 2);
        Assert.Equal(["1 2"], _session.Unheard);

        await _client.AcknowledgeAsync(3);
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Active);
        await SendAsync("4");
        await WaitAsync(_limits.SilenceBeforeDoubt + TimeSpan.FromSeconds(2));
        Assert.Equal(["1 2", "4"], _session.Unheard);
    }

    [Fact]
    public async Task Any_word_of_it_will_do()
    {
        await SendAsync("1");
        await WaitAsync(_limits.SilenceBeforeDoubt + TimeSpan.FromSeconds(2));
        Assert.Equal(ClientAttention.Away, _session.Stream.Attention);
        await _client.AskAsync();
        await _client.CountAsync();
        await WaitAsync(TimeSpan.FromSeconds(1));
        Assert.Equal(ClientAttention.Active, _session.Stream.Attention);
        Assert.Equal(["1"], _session.Unheard);
    }

    [Fact]
    public async Task What_a_connection_breaks_with_is_told_of_unless_nobody_looked_or_it_was_before()
    {
        await SendAsync("1");
        await _client.WriteAsync("<inactive xmlns='urn:xmpp:csi:0'/>");
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Inactive);
        await SendAsync("2");
        await _client.WriteAsync("<active xmlns='urn:xmpp:csi:0'/>");
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Active);
        await SendAsync("3", "4");
        _client.Reset();
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Away);
        await StreamServer.Until(() => !_session.Unheard.IsEmpty);
        Assert.Equal(["3 4"], _session.Unheard);

        await using var again = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Contains("<resumed ", await again.ResumeAsync(_id, 3), StringComparison.Ordinal);
        await SendAsync("5");
        again.Reset();
        await StreamServer.Until(() => _session.Unheard.Count == 2);
        Assert.Equal(["3 4", "5"], _session.Unheard);
    }

    [Fact]
    public async Task What_comes_while_nobody_looks_is_told_of_when_it_comes_and_not_again()
    {
        await _client.WriteAsync("<inactive xmlns='urn:xmpp:csi:0'/>");
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Inactive);
        await SendAsync("1");
        _client.Reset();
        await StreamServer.Until(() => _session.Stream.Attention == ClientAttention.Away);
        await using var again = await TcpTestClient.ConnectAsync(_server.Port);
        Assert.Contains("<resumed ", await again.ResumeAsync(_id, 0), StringComparison.Ordinal);
        await SendAsync("2");
        again.Reset();
        await StreamServer.Until(() => !_session.Unheard.IsEmpty);
        Assert.Equal(["2"], _session.Unheard);
    }

    private async Task SendAsync(params string[] ids)
    {
        foreach (var id in ids) Assert.True(await _session.Stream.SendAsync(ManagedClient.Message(id, "<body>x</body>"), null, Ct));
    }

    // The streams are looked at each second.
    private async Task WaitAsync(TimeSpan time)
    {
        for (var waited = TimeSpan.Zero; waited < time; waited += TimeSpan.FromSeconds(1))
        {
            _time.Advance(TimeSpan.FromSeconds(1));
            await Task.Delay(10, Ct);
        }
    }
}
