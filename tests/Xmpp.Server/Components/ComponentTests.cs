using System.Text.RegularExpressions;
using Parley.Plugin.Abstractions;
using Parley.tests.Xmpp.Server.Peers;
using Parley.tests.Xmpp.Server.Routing;
using Parley.tests.Xmpp.Server.Streams;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Components;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Routing;

namespace Parley.tests.Xmpp.Server.Components;

/// <summary>External components (XEP-0114) on real connections.</summary>
public sealed partial class ComponentTests : IAsyncLifetime
{
    private PeerServer _server = null!;

    private StreamLimits _limits = new() { CloseTime = TimeSpan.FromMilliseconds(50) };

    public async ValueTask InitializeAsync() => _server = await StartAsync();

    public ValueTask DisposeAsync() => _server.DisposeAsync();

    [Fact]
    public void The_credentials_are_those_of_the_specification()
    {
        // printf '3BF96D32%s' secret | sha1sum
        Assert.Equal("b09ea9b3b7f586be8a08d0a3dd7466f110aeb136", ComponentHandshake.Digest("3BF96D32", "secret"));
        Assert.True(ComponentHandshake.IsRight(ComponentHandshake.Digest("id", "secret"), "id", "secret"));
        Assert.False(ComponentHandshake.IsRight(ComponentHandshake.Digest("id", "secret").ToUpperInvariant(), "id", "secret"));
        Assert.False(ComponentHandshake.IsRight(ComponentHandshake.Digest("id", "other"), "id", "secret"));
        Assert.False(ComponentHandshake.IsRight("", "id", "secret"));
    }

    [Fact]
    public async Task Stanzas_go_both_ways_in_order_in_the_components_own_namespace()
    {
        await using var echo = await ComponentAsync();
        var ann = await _server.BindAsync("ann@one.test/a");
        for (var i = 0; i < 5; i++) Assert.Null(await ann.SendAsync($"<message to='bot@echo.one.test' id='{i}'><body>{i}</body></message>"));
        for (var i = 0; i < 5; i++)
        {
            var message = await echo.ReadUntilAsync("</message>");
            // Inside the stream's namespace nothing says jabber:client.
            Assert.Contains($"<message to='bot@echo.one.test' id='{i}' from='ann@one.test/a'><body>{i}</body></message>", message, StringComparison.Ordinal);
        }

        await echo.WriteAsync("<message from='Bot@ECHO.one.test/x' to='Ann@One.test/a'><body>back</body></message>");
        var back = await ann.Stream.NextAsync();
        Assert.Equal(Ns.Client, back.Element.Namespace);
        Assert.Equal("back", ((Message)back).Body);
        Assert.Equal(("bot@echo.one.test/x", "ann@one.test/a"), (back.Element["from"], back.Element["to"]));
    }

    [Fact]
    public async Task A_component_that_is_not_there_is_a_service_that_does_not_answer()
    {
        var ann = await _server.BindAsync("ann@one.test/a");
        Assert.Equal(StanzaCondition.RemoteServerTimeout, await ann.RefusedAsync("<message to='echo.one.test' id='1'/>"));
        Assert.Equal("absent", _server.Get<ExternalComponents>().Read()["echo.one.test"]);
        await using (await ComponentAsync()) Assert.Equal("connected", _server.Get<ExternalComponents>().Read()["echo.one.test"]);
        await StreamServer.Until(() => _server.Get<ExternalComponents>().Count == 0);
    }

    [Fact]
    public async Task The_domain_lists_it_and_its_own_discovery_is_its_business()
    {
        await using var echo = await ComponentAsync();
        var ann = await _server.BindAsync("ann@one.test/a");
        var items = await ann.AskAsync("<iq type='get' id='1' to='one.test'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Equal("echo.one.test", Assert.Single(((Iq)items).Payload!.Children)["jid"]);
        Assert.Null(await ann.SendAsync("<iq type='get' id='2' to='echo.one.test'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"));
        Assert.Contains("id='2'", await echo.ReadUntilAsync("</iq>"), StringComparison.Ordinal);
        await echo.WriteAsync("<iq type='result' id='2' from='echo.one.test' to='ann@one.test/a'/>");
        Assert.Equal("result", (await ann.Stream.NextAsync()).Type);
    }

    [Fact]
    public async Task The_server_knows_who_asks_and_waits_for_its_answers()
    {
        await using var echo = await ComponentAsync();
        var asked = _server.Get<IIqClient>().RequestAsync("get", "one.test", "echo.one.test", new Element("ping", Ns.Ping), ct: TestContext.Current.CancellationToken);
        var id = IdPattern().Match(await echo.ReadUntilAsync("</iq>")).Groups[1].Value;
        await echo.WriteAsync($"<iq type='result' id='{id}' from='echo.one.test' to='one.test'/>");
        Assert.False((await asked).IsError);
        Assert.Equal(SenderKind.Component, _server.Get<SenderResolver>().Of("bot@echo.one.test", _server.Get<RoutingTableHolder>().Current).Kind);
        Assert.True(_server.Get<IServerInfo>().IsLocal("bot@echo.one.test"));
    }

    [Theory]
    [InlineData("<message from='ann@one.test' to='ben@one.test'/>", "invalid-from")]
    [InlineData("<message from='x@sub.echo.one.test' to='ben@one.test'/>", "invalid-from")]
    [InlineData("<message to='ben@one.test'/>", "invalid-from")]
    [InlineData("<message from='@' to='ben@one.test'/>", "invalid-from")]
    [InlineData("<handshake>again</handshake>", "unsupported-stanza-type")]
    [InlineData("<message xmlns='jabber:server' from='echo.one.test' to='ben@one.test'/>", "unsupported-stanza-type")]
    public async Task Whoever_speaks_for_others_or_says_what_is_no_stanza_is_thrown_out(string said, string condition)
    {
        await using var echo = await ComponentAsync();
        await echo.WriteAsync(said);
        Assert.Contains($"<{condition} ", await echo.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<message from='echo.one.test' id='7'/>", "bad-request")]
    [InlineData("<message from='echo.one.test' id='7' to='@'/>", "jid-malformed")]
    [InlineData("<iq from='echo.one.test' id='7' to='one.test' type='get'/>", "bad-request")]
    public async Task What_is_malformed_is_answered(string said, string condition)
    {
        await using var echo = await ComponentAsync();
        await echo.WriteAsync(said);
        var answer = await echo.ReadUntilAsync("</error>");
        Assert.Contains("id='7'", answer, StringComparison.Ordinal);
        Assert.Contains($"<{condition} ", answer, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("other.test", "host-unknown")]
    [InlineData("one.test", "host-unknown")]
    [InlineData("me@echo.one.test", "host-unknown")]
    public async Task Only_what_is_configured_may_come(string to, string condition)
    {
        await using var stranger = await PeerClient.ConnectAsync(_server.PortAt(0), Ns.Component);
        Assert.Contains("from='one.test'", await stranger.OpenAsync(to), StringComparison.Ordinal);
        Assert.Contains($"<{condition} ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("jabber:client", "unsupported-version")] // that of XEP-0225, which begins with version 1.0
    [InlineData("jabber:server", "invalid-namespace")]
    public async Task Another_kind_of_stream_is_refused(string content, string condition)
    {
        await using var stranger = await PeerClient.ConnectAsync(_server.PortAt(0), content);
        await stranger.OpenAsync("echo.one.test");
        Assert.Contains($"<{condition} ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("<handshake>0000000000000000000000000000000000000000</handshake>")]
    [InlineData("<handshake/>")]
    [InlineData("<message from='echo.one.test' to='ann@one.test'/>")]
    public async Task Who_does_not_know_the_secret_is_not_authorized(string said)
    {
        await using var stranger = await PeerClient.ConnectAsync(_server.PortAt(0), Ns.Component);
        await stranger.OpenAsync("echo.one.test");
        await stranger.WriteAsync(said);
        Assert.Contains("<not-authorized ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
        Assert.Equal(0, _server.Get<ExternalComponents>().Count);
    }

    [Fact]
    public async Task A_stanza_before_the_handshake_is_small()
    {
        await using var stranger = await PeerClient.ConnectAsync(_server.PortAt(0), Ns.Component);
        await stranger.OpenAsync("echo.one.test");
        await stranger.WriteAsync($"<handshake>{new string('x', _limits.UnauthenticatedStanzaBytes)}");
        Assert.Contains("<policy-violation ", await stranger.ReadToEndAsync(), StringComparison.Ordinal);
        await using var echo = await ComponentAsync();
        var ann = await _server.BindAsync("ann@one.test/a");
        await echo.WriteAsync($"<message from='echo.one.test' to='ann@one.test/a'><body>{new string('x', 4 * _limits.UnauthenticatedStanzaBytes)}</body></message>");
        Assert.Equal(4 * _limits.UnauthenticatedStanzaBytes, ((Message)await ann.Stream.NextAsync()).Body!.Length);
    }

    [Fact]
    public async Task A_newcomer_that_knows_the_secret_takes_the_place()
    {
        await using var before = await ComponentAsync();
        await using var after = await ComponentAsync();
        Assert.Contains("<conflict ", await before.ReadToEndAsync(), StringComparison.Ordinal);
        var ann = await _server.BindAsync("ann@one.test/a");
        Assert.Null(await ann.SendAsync("<message to='echo.one.test' id='here'/>"));
        Assert.Contains("id='here'", await after.ReadUntilAsync("/>"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task One_that_does_not_read_is_given_no_more_than_its_queue_holds()
    {
        await _server.DisposeAsync();
        _limits = _limits with { OutboundBytes = 1024 * 1024 };
        _server = await StartAsync();
        await using var echo = await ComponentAsync();
        var ann = await _server.BindAsync("ann@one.test/a");
        var body = new string('x', 20_000);
        StanzaCondition? refused = null;
        // What the kernel's buffers hold comes on top. Until those are full too, a queue is full only for as long as its writer has not had its turn.
        for (var (i, refusals) = (0, 0); i < 2000 && refusals < 5; i++)
        {
            Assert.Null(await ann.SendAsync($"<message to='echo.one.test' id='m{i}'><body>{body}</body></message>"));
            refused = ann.Stream.Take() is [var answer] ? StanzaError.Of(answer).Condition : null;
            refusals = refused is null ? 0 : refusals + 1;
            if (refused is not null) await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        Assert.Equal(StanzaCondition.ResourceConstraint, refused);
        echo.Reset();
        // Of those that it never had, the senders hear.
        Assert.Equal(StanzaCondition.RemoteServerTimeout, StanzaError.Of(await ann.Stream.NextAsync()).Condition);
    }

    [Fact]
    public async Task Guests_do_not_reach_it_nor_it_them()
    {
        await using var server = new TestServer(components: [new ComponentOptions { Name = "echo.one.test", Secret = "secret" }]);
        var guest = await server.BindAsync("g@guest.one.test/r", null);
        Assert.Equal(StanzaCondition.Forbidden, await guest.RefusedAsync("<message to='echo.one.test' id='1'/>"));
        await server.Router.RouteAsync(new Message(TestXml.Read("<message from='echo.one.test' to='g@guest.one.test/r'/>")), TestContext.Current.CancellationToken);
        guest.Stream.Nothing();
    }

    private async Task<PeerServer> StartAsync() => await PeerServer.StartAsync(
        server => new XmppServerSettings(server, new(), new(), new()) { Components = [new ComponentOptions { Name = "Echo.one.test", Secret = "secret" }], Limits = _limits },
        kestrel => PeerServer.OnLoopback(kestrel, l => l.UseXmppComponents()));

    private async Task<PeerClient> ComponentAsync()
    {
        var client = await PeerClient.ConnectAsync(_server.PortAt(0), Ns.Component);
        var header = await client.OpenAsync("echo.one.test");
        Assert.Contains("from='echo.one.test'", header, StringComparison.Ordinal);
        await client.WriteAsync($"<handshake>{ComponentHandshake.Digest(IdPattern().Match(header).Groups[1].Value, "secret")}</handshake>");
        await client.ReadUntilAsync("<handshake/>");
        await StreamServer.Until(() => _server.Get<ExternalComponents>().Count == 1);
        return client;
    }

    [GeneratedRegex("id='([^']+)'")]
    private static partial Regex IdPattern();
}
