using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Streams.ClientState;

/// <summary>XEP-0352 over sockets, with and without stream management.</summary>
public sealed class ClientStateTests : IAsyncLifetime
{
    private const string Active = "<active xmlns='urn:xmpp:csi:0'/>";
    private const string Inactive = "<inactive xmlns='urn:xmpp:csi:0'/>";

    private StreamServer _server = null!;

    public async ValueTask InitializeAsync() => _server = await StreamServer.StartAsync(o => o.ClientState.MaxHeld = 5);

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waits_goes_ahead_of_what_does_not(bool isManaged)
    {
        await using var client = await LogInAsync(isManaged);
        var session = await InactiveAsync(client);
        await SendAsync(session, Presence("1"));
        await SendAsync(session, Presence("2"));
        await SendAsync(session, Typing("3"));
        await SendAsync(session, Body("4"));
        var seen = await client.ReadUntilAsync("id='4'");
        Assert.DoesNotContain("id='1'", seen, StringComparison.Ordinal);
        Assert.True(seen.IndexOf("id='2'", StringComparison.Ordinal) is > 0 and var two && seen.IndexOf("id='3'", StringComparison.Ordinal) > two);
        // Still nobody looks.
        await SendAsync(session, Presence("5"));
        await SendAsync(session, Presence("6"));
        await SendAsync(session, Body("7"));
        Assert.DoesNotContain("id='5'", await client.ReadUntilAsync("id='7'"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_looks_again_has_all_before_its_next_answer()
    {
        await using var client = await LogInAsync(false);
        var session = await InactiveAsync(client);
        _server.OnStanza = (bound, stanza) =>
        {
            if (stanza.Name == "iq") _ = SendAsync(bound, Body("answer")).AsTask();
            return (string?)null;
        };
        await SendAsync(session, Presence("1"));
        await client.WriteAsync(Active + "<iq xmlns='jabber:client' type='get' id='p'><ping xmlns='urn:xmpp:ping'/></iq>");
        Assert.Contains("id='1'", await client.ReadUntilAsync("id='answer'"), StringComparison.Ordinal);
        await SendAsync(session, Presence("2"));
        await client.ReadUntilAsync("id='2'");
    }

    [Fact]
    public async Task Whether_somebody_looks_can_be_asked()
    {
        await using var client = await LogInAsync(true);
        var session = await InactiveAsync(client);
        Assert.Equal(ClientAttention.Inactive, session.Stream.Attention);
        await client.WriteAsync(Active);
        await StreamServer.Until(() => session.Stream.Attention == ClientAttention.Active);
        client.Reset();
        await StreamServer.Until(() => session.Stream.Attention == ClientAttention.Away);
    }

    [Fact]
    public async Task What_waits_is_bounded()
    {
        await using var client = await LogInAsync(false);
        var session = await InactiveAsync(client);
        for (var i = 0; i < 6; i++) await SendAsync(session, Presence($"n{i}", $"ben@one.test/{i}"));
        var seen = await client.ReadUntilAsync("id='n4'");
        Assert.Contains("id='n0'", seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Whoever_acknowledges_nothing_is_not_kept_more_than_the_log_holds_by_what_waits_again_and_again()
    {
        await using var server = await StreamServer.StartAsync(o =>
        {
            o.ClientState.MaxHeld = 5;
            o.Limits = o.Limits with { UnacknowledgedStanzas = 10 };
        });
        await using var client = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
        await client.LogInManagedAsync();
        var session = await server.BoundAsync();
        await client.WriteAsync(Inactive + "<message xmlns='jabber:client' id='heard'/>");
        await StreamServer.Until(() => session.Received.Any(r => r["id"] == "heard"));

        var sent = Enumerable.Range(0, 100).Select(i => SendAsync(session, Presence($"n{i}", $"ben@one.test/{i}")).AsTask()).ToList();
        await Task.Delay(200, TestContext.Current.CancellationToken);

        // The log, what waits behind it, and the one batch that was taken along when there was room.
        Assert.InRange(sent.Count(t => t.IsCompleted), 10, 25);
    }

    [Fact]
    public async Task What_waited_when_the_connection_broke_comes_with_the_resumption_and_the_client_is_active_then()
    {
        await using var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        var id = await client.LogInManagedAsync();
        var session = await InactiveAsync(client);
        await SendAsync(session, Presence("1"));
        client.Reset();
        await StreamServer.Until(() => _server.Open.Detached == 1);
        await SendAsync(session, Typing("2"));
        await using var again = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        Assert.Contains("<resumed", await again.ResumeAsync(id, 0), StringComparison.Ordinal);
        Assert.Contains("id='1'", await again.ReadUntilAsync("id='2'"), StringComparison.Ordinal);
        await SendAsync(session, Presence("3"));
        await again.ReadUntilAsync("id='3'");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task What_waited_when_the_session_ended_is_given_back(bool isManaged)
    {
        await using var client = await LogInAsync(isManaged);
        var session = await InactiveAsync(client);
        await SendAsync(session, Typing("1"));
        await client.WriteAsync("</stream:stream>");
        await client.ReadToEndAsync();
        await StreamServer.Until(() => session.Lost.Any(l => l.Id == "1"));
        Assert.DoesNotContain("id='1'", client.Seen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task It_is_offered_and_may_be_off()
    {
        await using var off = await StreamServer.StartAsync(o => o.ClientState.Enabled = false);
        foreach (var (server, isOn) in new[] { (_server, true), (off, false) })
        {
            await using var client = await TcpTestClient.ConnectAsync(server.TlsPort, tls: true);
            await client.OpenAsync();
            await ScramClient.RunAsync(client, "SCRAM-SHA-256", "ann", "secret");
            Assert.Equal(isOn, (await client.OpenAsync()).Contains("<csi xmlns='urn:xmpp:csi:0'/>", StringComparison.Ordinal));
            await client.BindAsync();
            await client.WriteAsync(isOn ? "<other xmlns='urn:xmpp:csi:0'/>" : Inactive);
            await client.ReadUntilAsync("unsupported-stanza-type");
        }
    }

    private async Task<TcpTestClient> LogInAsync(bool isManaged)
    {
        var client = await TcpTestClient.ConnectAsync(_server.TlsPort, tls: true);
        if (isManaged) await client.LogInManagedAsync();
        else await client.LogInAsync();
        return client;
    }

    // The session has what is sent behind, so that the word before it was heard.
    private async Task<BoundClient> InactiveAsync(TestClient client)
    {
        var session = await _server.BoundAsync();
        await client.WriteAsync(Inactive + "<message xmlns='jabber:client' id='heard'/>");
        await StreamServer.Until(() => session.Received.Any(r => r["id"] == "heard"));
        return session;
    }

    private static ValueTask<bool> SendAsync(BoundClient session, Stanza stanza) => session.Stream.SendAsync(stanza, null, TestContext.Current.CancellationToken);

    private static Stanza Presence(string id, string from = "ben@one.test/b") => Read($"<presence from='{from}' id='{id}'/>");

    private static Stanza Typing(string id) => Read($"<message from='ben@one.test/b' id='{id}'><composing xmlns='http://jabber.org/protocol/chatstates'/></message>");

    private static Stanza Body(string id) => Read($"<message from='ben@one.test/b' id='{id}'><body>hi</body></message>");

    private static Stanza Read(string xml)
    {
        Assert.True(Stanza.TryRead(TestXml.Read(xml), out var stanza, out _));
        return stanza;
    }
}
