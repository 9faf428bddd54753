using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>What a guest may do, and who may reach one.</summary>
public sealed class GuestPolicyTests
{
    private const string Guest = "g1@guest.one.test/web";

    [Theory]
    [InlineData("to='one.test'", "<query xmlns='http://jabber.org/protocol/disco#info'/>")]
    [InlineData("to='guest.one.test'", "<query xmlns='http://jabber.org/protocol/disco#items'/>")]
    [InlineData("", "<query xmlns='http://jabber.org/protocol/disco#info'/>")]
    [InlineData("to='one.test'", "<ping xmlns='urn:xmpp:ping'/>")]
    [InlineData("to='guest.one.test'", "<services xmlns='urn:xmpp:extdisco:2'/>")]
    [InlineData("to='room@calls.one.test'", "<anything xmlns='urn:t'/>")]
    public async Task A_guest_may_ask_the_server_and_call_a_room(string to, string payload)
    {
        await using var server = new TestServer();
        Fill(server);
        var guest = await server.BindAsync(Guest);
        Assert.Equal("result", (await guest.AskAsync($"<iq {to} type='get' id='1'>{payload}</iq>")).Type);
    }

    [Theory]
    [InlineData("<iq to='one.test' type='get' id='1'><anything xmlns='urn:t'/></iq>", StanzaCondition.ServiceUnavailable)]
    [InlineData("<iq type='get' id='1'><anything xmlns='urn:t'/></iq>", StanzaCondition.ServiceUnavailable)]
    [InlineData("<iq to='two.test' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<iq to='ann@one.test' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<iq to='ann@one.test/a' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<iq to='nobody@one.test' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<iq to='x@far.test' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<iq to='room@calls.two.test' type='get' id='1'><anything xmlns='urn:t'/></iq>", StanzaCondition.Forbidden)]
    [InlineData("<message to='ann@one.test'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<message to='ann@one.test/a'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<message to='g2@guest.one.test/web'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<message to='g1@guest.one.test'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<message to='one.test'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<message to='x@far.test'><body>x</body></message>", StanzaCondition.Forbidden)]
    [InlineData("<presence to='ann@one.test'/>", StanzaCondition.Forbidden)]
    [InlineData("<presence to='ann@one.test' type='subscribe'/>", StanzaCondition.Forbidden)]
    public async Task Everything_else_is_refused_before_any_plugin_sees_it(string xml, StanzaCondition condition)
    {
        await using var server = new TestServer();
        Fill(server);
        var ann = await server.BindAsync("ann@one.test/a");
        var other = await server.BindAsync("g2@guest.one.test/web");
        var guest = await server.BindAsync(Guest);
        server.OnMessage(StanzaPoint.FromLocalSession, (_, _) => throw new InvalidOperationException("seen"));
        server.OnPresence(StanzaPoint.FromLocalSession, (_, _) => throw new InvalidOperationException("seen"));
        Assert.Equal(condition, await guest.RefusedAsync(xml));
        ann.Stream.Nothing();
        other.Stream.Nothing();
    }

    [Fact]
    public async Task To_an_account_a_guest_does_not_exist()
    {
        await using var server = new TestServer();
        var ann = await server.BindAsync("ann@one.test/a");
        var guest = await server.BindAsync(Guest);
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ann.RefusedAsync($"<message to='{Guest}'><body>x</body></message>"));
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ann.RefusedAsync($"<iq to='{Guest}' type='get' id='1'><ping xmlns='urn:xmpp:ping'/></iq>"));
        await ann.SendAsync($"<iq to='{Guest}' type='result' id='1'/>");
        guest.Stream.Nothing();
    }

    [Fact]
    public async Task A_guest_receives_from_rooms_of_its_own_domain_and_from_the_server()
    {
        await using var server = new TestServer();
        server.AddComponent();
        server.AddComponent("two.test");
        var guest = await server.BindAsync(Guest, presence: null);
        foreach (var (from, arrives) in new[] { ("room@calls.one.test", true), ("one.test", true), ("room@calls.two.test", false), ("two.test", false), ("ann@one.test", false), ("x@far.test", false) })
        {
            await server.Router.RouteAsync(new Message(new Element("message", "jabber:client").Attr("from", from).Attr("to", Guest).Attr("type", "headline")), TestContext.Current.CancellationToken);
            Assert.Equal(arrives ? 1 : 0, guest.Stream.Take().Count);
        }
    }

    private static void Fill(TestServer server)
    {
        server.AddComponent();
        server.AddComponent("two.test");
        foreach (var target in new[] { IqTarget.Server, IqTarget.Account, IqTarget.Component })
        {
            var name = target == IqTarget.Component ? "calls" : null;
            server.Handle("get", "urn:t", "anything", iq => iq.Result(), target, name);
            server.Handle("get", "urn:xmpp:ping", "ping", iq => iq.Result(), target, name);
            server.Handle("get", "urn:xmpp:extdisco:2", "services", iq => iq.Result(), target, name);
        }
    }
}
