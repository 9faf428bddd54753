using NSubstitute;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Caps;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Routing;

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
        Assert.Equal(["http://jabber.org/protocol/caps", "http://jabber.org/protocol/disco#info", "http://jabber.org/protocol/disco#items", "urn:f", "urn:t", "urn:xmpp:caps"], features);
        var items = ((Iq)await ann.AskAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).Payload!.Children;
        Assert.Equal([("calls.one.test", "Calls")], items.Select(i => (i["jid"], i["name"])));
        Assert.Equal(StanzaCondition.ItemNotFound, await ann.RefusedAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='x'/></iq>"));
    }

    // Dino makes its rooms, those of group calls too, at the first service whose category is conference.
    [Fact]
    public async Task Chat_rooms_come_first_among_a_domains_services()
    {
        await using var server = new TestServer();
        server.AddComponent(name: "calls").Info = new DiscoInfo([new DiscoIdentity("conference", "audio-video")], []);
        server.AddComponent(name: "rooms").Info = new DiscoInfo([new DiscoIdentity("conference", "text", "Rooms")], []);
        server.AddComponent(name: "about");
        var ann = await server.BindAsync("ann@one.test/a");
        var items = ((Iq)await ann.AskAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).Payload!.Children;
        Assert.Equal(["rooms.one.test", "about.one.test", "calls.one.test"], items.Select(i => i["jid"]));
    }

    [Fact]
    public async Task What_stream_features_say_of_a_domain_is_the_hash_of_what_it_answers()
    {
        await using var server = new TestServer();
        server.Handle("get", "urn:t", "q", iq => iq.Result());
        var ann = await server.BindAsync("ann@one.test/a");
        var answer = ((Iq)await ann.AskAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Payload!;
        var (version, sha256) = (EntityCapabilities.Version(answer), EntityCapabilities.Sha256(answer));
        Assert.Equal([version, sha256], ServerCapabilities.Of("one.test", server.Get<RoutingTableHolder>().Current).Features.Select(f => f["ver"] ?? f.Children.Single().Value));
        // By either hash it can be asked for the same (XEP-0115 section 6.2, XEP-0390 section 4.3).
        foreach (var node in new[] { "urn:parley#" + version, "urn:xmpp:caps#sha-256." + sha256 })
        {
            var again = ((Iq)await ann.AskAsync($"<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='{node}'/></iq>")).Payload!;
            Assert.Equal(node, again["node"]);
            Assert.Equal(version, EntityCapabilities.Version(again));
        }

        server.AddFeature("urn:new");
        Assert.Equal(StanzaCondition.ItemNotFound, await ann.RefusedAsync($"<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='urn:parley#{version}'/></iq>"));
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
    public async Task Plugins_add_identities_and_say_what_there_is_at_an_account_and_its_nodes()
    {
        await using var server = new TestServer();
        server.AddIdentity(new DiscoIdentity("pubsub", "pep"), IqTarget.Account);
        server.AddIdentity(new DiscoIdentity("store", "file"), IqTarget.Server);
        server.AccountDiscovery.ItemsAsync("ann@one.test", "ann@one.test/a", null, Arg.Any<CancellationToken>()).Returns([new DiscoItem("ann@one.test", "Tunes", "tune")]);
        server.AccountDiscovery.ItemsAsync("ann@one.test", "ann@one.test/a", "tune", Arg.Any<CancellationToken>()).Returns([new DiscoItem("ann@one.test", "one")]);
        server.AccountDiscovery.ItemsAsync("ann@one.test", "ann@one.test/a", "void", Arg.Any<CancellationToken>()).Returns((IReadOnlyList<DiscoItem>?)null);
        server.AccountDiscovery.DescribeAsync("ann@one.test", "ann@one.test/a", "tune", Arg.Any<CancellationToken>()).Returns(new DiscoInfo([new DiscoIdentity("pubsub", "leaf")], []));
        server.AccountDiscovery.DescribeAsync("ann@one.test", "ann@one.test/a", null, Arg.Any<CancellationToken>()).Returns(new DiscoInfo([], ["urn:more"]));
        server.AccountDiscovery.DescribeAsync("ann@one.test", "ann@one.test/a", "void", Arg.Any<CancellationToken>()).Returns((DiscoInfo?)null);
        var ann = await server.BindAsync("ann@one.test/a");

        Assert.Equal(["account/registered", "pubsub/pep"], (await InfoAsync(ann, "")).Identities);
        Assert.Contains("urn:more", (await InfoAsync(ann, "")).Features);
        Assert.Equal(["server/im", "store/file"], (await InfoAsync(ann, "to='one.test'")).Identities);
        Assert.Equal("tune", Assert.Single(((Iq)await ann.AskAsync("<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>")).Payload!.Children)["node"]);
        Assert.Equal("one", Assert.Single(((Iq)await ann.AskAsync("<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#items' node='tune'/></iq>")).Payload!.Children)["name"]);
        var node = ((Iq)await ann.AskAsync("<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info' node='tune'/></iq>")).Payload!;
        Assert.Equal(("leaf", "tune"), (node.Child("identity")!["type"], node["node"]));
        foreach (var kind in new[] { "info", "items" }) Assert.Equal(StanzaCondition.ItemNotFound, await ann.RefusedAsync($"<iq type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#{kind}' node='void'/></iq>"));
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

    [Fact]
    public async Task Plugins_say_more_of_a_domain_that_they_serve_by_forms()
    {
        await using var server = new TestServer();
        var contacts = Substitute.For<IDomainForms>();
        contacts.Of("one.test").Returns([new DataForm("result", "urn:t:contacts").Add("abuse", "list-multi", "mailto:abuse@one.test")]);
        server.AddForms(contacts, "one.test");
        server.AddForms(contacts, "two.test");
        var ann = await server.BindAsync("ann@one.test/a");

        var query = ((Iq)await ann.AskAsync("<iq to='one.test' type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Payload!;

        var form = DataForm.Read(Assert.Single(query.ChildrenNamed("x", DataForm.Namespace)))!;
        Assert.Equal(("result", "urn:t:contacts", "mailto:abuse@one.test"), (form.Type, form.FormType, form.Value("abuse")));
    }

    private static async Task<(IEnumerable<string> Identities, IEnumerable<string?> Features)> InfoAsync(Client client, string to)
    {
        var query = ((Iq)await client.AskAsync($"<iq {to} type='get' id='1'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>")).Payload!;
        return (query.ChildrenNamed("identity", query.Namespace).Select(i => $"{i["category"]}/{i["type"]}"), query.ChildrenNamed("feature", query.Namespace).Select(f => f["var"]));
    }
}
