using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Xmpp.Server.Routing;

/// <summary>What the server says of itself, of accounts and of components (XEP-0030).</summary>
public sealed class ServiceDiscoveryTests
{
    [Fact]
    public async Task A_domain_tells_its_identity_features_and_components()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:t", "q", iq => iq.Result());
        server.Handle("set", "urn:t", "q", iq => iq.Result());
        server.Handle("get", "urn:account", "q", iq => iq.Result(), IqTarget.Account);
        server.Handle("get", "urn:elsewhere", "q", iq => iq.Result(), hosts: "two.test");
        server.AddFeature("urn:f");
        server.AddComponent();
        server.AddComponent("two.test");
        var ann = await server.BindAsync("ann@one.test/a");
        var (identities, features) = await InfoAsync(ann, "to='one.test'");
        Assert.Equal(["server/im"], identities);
        Assert.Equal(["http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "urn:f", "urn:t"], features);
        var items = ((Iq)await ann.AskAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).Payload!.Children;
        Assert.Equal([("calls.one.test", "Calls")], items.Select(i => (i["jid"], i["name"])));
        Assert.Equal(StanzaCondition.ItemNotFound, await ann.RefusedAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>"));
    }

    [Fact]
    public async Task An_account_shows_itself_to_its_owner_and_to_those_who_see_its_presence()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:account", "q", iq => iq.Result(), IqTarget.Account);
        var ann = await server.BindAsync("ann@one.test/a");
        var ben = await server.BindAsync("ben@one.test/b");
        foreach (var to in new[] { "", "to='ann@one.test'" })
        {
            var (identities, features) = await InfoAsync(ann, to);
            Assert.Equal(["account/registered"], identities);
            Assert.Contains("urn:account", features);
        }

        const string Ask = "<iq to='ann@one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>";
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ben.RefusedAsync(Ask));
        Item(subscribedFrom: false);
        Assert.Equal(StanzaCondition.ServiceUnavailable, await ben.RefusedAsync(Ask));
        Item(subscribedFrom: true);
        Assert.Equal("result", (await ben.AskAsync(Ask)).Type);

        void Item(bool subscribedFrom) => server.Rosters.FindAsync(ann.Jid.Bare, ben.Jid.Bare, Arg.Any<CancellationToken>())
            .Returns(new RosterItem(ben.Jid.Bare, null, [], true, subscribedFrom, false, null));
    }

    [Fact]
    public async Task A_component_describes_its_addresses()
    {
        await using var server = new TestServer();
        server.AddComponent();
        server.Handle("set", "urn:calls", "q", iq => iq.Result(), IqTarget.Component, "calls");
        server.Handle("set", "urn:muc", "q", iq => iq.Result(), IqTarget.Component, "muc");
        var ann = await server.BindAsync("ann@one.test/a");
        var (identities, features) = await InfoAsync(ann, "to='room@calls.one.test'");
        Assert.Equal(["conference/audio-video"], identities);
        Assert.Equal(["http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "urn:calls", "urn:test:component"], features);
        Assert.Equal(StanzaCondition.ItemNotFound, await ann.RefusedAsync("<iq to='void@calls.one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>"));
        var items = (Iq)await ann.AskAsync("<iq to='calls.one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
        Assert.Equal("room@calls.one.test", Assert.Single(items.Payload!.Children)["jid"]);
    }

    private static async Task<(IEnumerable<string> Identities, IEnumerable<string?> Features)> InfoAsync(Client client, string to)
    {
        var query = ((Iq)await client.AskAsync($"<iq {to} type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Payload!;
        return (query.ChildrenNamed("identity", query.Namespace).Select(i => $"{i["category"]}/{i["type"]}"), query.ChildrenNamed("feature", query.Namespace).Select(f => f["var"]));
    }
}
