using Parley.Plugins.PubSub;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.PubSub;

/// <summary>XEP-0060 at the service for everybody: who may make nodes, whom they let in, and its bounds.</summary>
public sealed class ServiceTests : IAsyncLifetime
{
    private const string Service = "pubsub.one.test", Ann = "ann@one.test/a", Ben = "ben@one.test/b", Cyd = "cyd@one.test/c", Root = "root@one.test/r", Eve = "eve@two.test/e", Guest = "g@guest.one.test/g";
    private PubSubLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await PubSubLab.CreateAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Theory]
    [InlineData(CreateBy.Accounts, Ann, null)]
    [InlineData(CreateBy.Accounts, Eve, "Forbidden")]
    [InlineData(CreateBy.Accounts, Guest, "Forbidden")]
    [InlineData(CreateBy.Accounts, Root, null)]
    [InlineData(CreateBy.Admins, Ann, "Forbidden")]
    [InlineData(CreateBy.Admins, Root, null)]
    [InlineData(CreateBy.Anyone, Eve, null)]
    [InlineData(CreateBy.Anyone, Guest, "Forbidden")]
    public async Task The_operator_says_who_makes_nodes(CreateBy by, string who, string? refusal)
    {
        _lab.Limits.CreateBy = by;
        Assert.Equal(refusal, await CreateAsync(who, "n"));
        // Publishing makes a node under the same rule.
        Assert.Equal(refusal is null ? null : refusal is "Forbidden" && who != Guest ? "ItemNotFound" : refusal, await PublishAsync(who, "m", "a"));
    }

    [Fact]
    public async Task Whoever_makes_a_node_owns_it_and_admins_own_all()
    {
        Assert.Null(await CreateAsync(Ann, "n"));
        Assert.Equal("Conflict", await CreateAsync(Ben, "n"));
        Assert.Equal("Forbidden", await PublishAsync(Ben, "n", "a"));
        Assert.Equal("Forbidden", await OwnAsync(Ben, "<delete node='n'/>"));
        Assert.Null(await OwnAsync(Ann, "<affiliations node='n'><affiliation jid='ben@one.test' affiliation='owner'/><affiliation jid='ann@one.test' affiliation='none'/></affiliations>"));
        Assert.Equal("Forbidden", await OwnAsync(Ann, "<purge node='n'/>"));
        Assert.Equal("NotAcceptable", await OwnAsync(Ben, "<affiliations node='n'><affiliation jid='ben@one.test' affiliation='member'/></affiliations>")); // never without an owner
        Assert.Null(await PublishAsync(Root, "n", "a"));
        Assert.Null(await OwnAsync(Root, "<delete node='n'/>"));
    }

    [Fact]
    public async Task One_account_cannot_fill_it()
    {
        Assert.Null(await CreateAsync(Ann, "a1"));
        Assert.Null(await CreateAsync(Ann, "a2"));
        Assert.Equal("max-nodes-exceeded", await CreateAsync(Ann, "a3"));
        Assert.Null(await CreateAsync(Ben, "b1", ("publish_model", "open")));
        Assert.Null(await CreateAsync(Root, "r1"));
        Assert.Null(await CreateAsync(Root, "r2"));
        Assert.Equal("max-nodes-exceeded", await CreateAsync(Root, "r3")); // the service's own bound counts for all

        // Bytes: of whoever made the node, whoever publishes; then of all.
        var big = new string('x', 2000);
        for (var i = 0; i < 4; i++) Assert.Null(await PublishAsync(i % 2 == 0 ? Ann : Root, "a1", $"{i}", big));
        Assert.Equal("ResourceConstraint", await PublishAsync(Root, "a2", "x", big));
        Assert.Null(await PublishAsync(Ben, "b1", "y", big));
        Assert.Equal("ResourceConstraint", await PublishAsync(Cyd, "b1", "z", big));
        Assert.Equal("payload-too-big", await PublishAsync(Ben, "b1", "huge", new string('x', 2048)));
    }

    [Fact]
    public async Task Nobody_s_presence_counts_there()
    {
        foreach (var (field, value) in new[] { ("access_model", "presence"), ("access_model", "roster"), ("send_last_published_item", "on_sub_and_presence") }) Assert.Equal("invalid-options", await CreateAsync(Ann, "n", (field, value)));
        Assert.Null(await CreateAsync(Ann, "n", ("access_model", "whitelist")));
        var form = (await AskAsync(Ann, "get", "http://jabber.org/protocol/pubsub#owner", "<configure node='n'/>")).Payload!.ToString();
        Assert.DoesNotContain("presence", form, StringComparison.Ordinal);
        Assert.DoesNotContain("roster", form, StringComparison.Ordinal);
        Assert.DoesNotContain("purge_offline", form, StringComparison.Ordinal);
        var features = (await DiscoAsync(Ann, "info")).ChildrenNamed("feature", Parley.Xmpp.Core.Ns.DiscoInfo).Select(f => f["var"]).ToList();
        Assert.Contains("http://jabber.org/protocol/pubsub#access-whitelist", features);
        Assert.DoesNotContain(features, f => f!.Contains("presence", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Subscribers_are_told_at_the_address_that_they_subscribed_and_of_the_last_item()
    {
        Assert.Null(await CreateAsync(Ann, "n"));
        Assert.Null(await PublishAsync(Ann, "n", "first"));
        Assert.Null(await SubscribeAsync(Ben, "n", "ben@one.test"));
        Assert.Null(await SubscribeAsync(Eve, "n", Eve));
        Assert.Equal(["ben@one.test: first", "eve@two.test/e: first"], await _lab.TakeToldAsync(Service));
        Assert.Null(await PublishAsync(Ann, "n", "second"));
        Assert.Equal(["ben@one.test: second", "eve@two.test/e: second"], await _lab.TakeToldAsync(Service));
        Assert.Equal("too-many-subscriptions", await SubscribeAsync(Cyd, "n", Cyd)); // an owner and two are the three that there may be

        // Whom the node no longer lets in hears no more.
        Assert.Null(await OwnAsync(Ann, "<configure node='n'><x xmlns='jabber:x:data' type='submit'><field var='pubsub#access_model'><value>whitelist</value></field></x></configure>"));
        Assert.Null(await PublishAsync(Ann, "n", "third"));
        Assert.Empty(await _lab.TakeToldAsync(Service));
    }

    [Fact]
    public async Task A_request_to_subscribe_waits_for_an_owner()
    {
        Assert.Null(await CreateAsync(Ann, "n", ("access_model", "authorize")));
        Assert.Null(await SubscribeAsync(Ben, "n", Ben));
        Assert.Equal(["ann@one.test: field"], (await _lab.TakeToldAsync(Service)).Select(t => t.Replace("title", "field", StringComparison.Ordinal)));
        Assert.Equal("not-subscribed", (await _lab.ReadAsync(Ben, "n", to: Service)).Refusal);
        var answer = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#subscribe_authorization</value></field><field var='pubsub#node'><value>n</value></field><field var='pubsub#subscriber_jid'><value>ben@one.test/b</value></field><field var='pubsub#allow'><value>true</value></field></x>";
        await _lab.TellServiceAsync(Cyd, answer); // no owner
        Assert.Equal("not-subscribed", (await _lab.ReadAsync(Ben, "n", to: Service)).Refusal);
        await _lab.TellServiceAsync(Ann, answer);
        Assert.Equal(["ben@one.test/b: ben@one.test/b subscribed"], await _lab.TakeToldAsync(Service));
        Assert.Null((await _lab.ReadAsync(Ben, "n", to: Service)).Refusal);
    }

    [Theory]
    [InlineData("open")]
    [InlineData("whitelist")]
    [InlineData("authorize")]
    public async Task A_node_is_listed_for_exactly_those_who_may_read_it(string access)
    {
        _lab.Limits.MaxPeople = 20;
        Assert.Null(await CreateAsync(Ann, "n", ("access_model", access)));
        var people = new[] { "none", "outcast", "member", "publish-only", "publisher", "owner" };
        foreach (var affiliation in people) Assert.Null(await OwnAsync(Ann, $"<affiliations node='n'><affiliation jid='{affiliation}@two.test' affiliation='{affiliation}'/></affiliations>"));
        Assert.Null(await OwnAsync(Ann, "<subscriptions node='n'><subscription jid='subscribed@two.test/s' subscription='subscribed'/><subscription jid='publish-only@two.test/s' subscription='subscribed'/></subscriptions>"));
        foreach (var who in people.Append("subscribed").Select(p => p + "@two.test/x").Append(Root))
        {
            var isReadable = (await _lab.ReadAsync(who, "n", to: Service)).Refusal is null;
            var isListed = (await DiscoAsync(who, "items")).Children.Any(i => i["node"] == "n");
            Assert.True(isReadable == isListed, $"{who}: may read {isReadable}, sees {isListed}");
            Assert.Equal(isReadable ? null : "ItemNotFound", Refusal(await AskDiscoAsync(who, "info", "n")));
        }
    }

    [Fact]
    public async Task Nodes_are_listed_by_pages()
    {
        foreach (var name in new[] { "e", "a", "d", "b", "c" }) Assert.Null(await CreateAsync(Root, name));
        Assert.Equal("a b c d e", await PageAsync(""));
        Assert.Equal("a b | a 0 b 5", await PageAsync("<max>2</max>"));
        Assert.Equal("c d | c 2 d 5", await PageAsync("<max>2</max><after>b</after>"));
        Assert.Equal("d e | d 3 e 5", await PageAsync("<max>2</max><before/>"));
        Assert.Equal("b c | b 1 c 5", await PageAsync("<max>2</max><before>d</before>"));
        Assert.Equal(" |    5", await PageAsync("<max>0</max>"));
        Assert.Equal("FeatureNotImplemented", Refusal(await AskDiscoAsync(Ann, "items", null, "<set xmlns='http://jabber.org/protocol/rsm'><index>1</index></set>")));

        async Task<string> PageAsync(string set)
        {
            var query = await DiscoAsync(Ann, "items", set.Length == 0 ? "" : $"<set xmlns='http://jabber.org/protocol/rsm'>{set}</set>");
            var nodes = string.Join(' ', query.ChildrenNamed("item", Parley.Xmpp.Core.Ns.DiscoItems).Select(i => i["node"]));
            var page = query.Child("set", "http://jabber.org/protocol/rsm");
            return page is null ? nodes : $"{nodes} | {page.Child("first")?.Value} {page.Child("first")?["index"]} {page.Child("last")?.Value} {page.Child("count")?.Value}";
        }
    }

    [Fact]
    public async Task Whoever_takes_a_removed_account_s_name_inherits_nothing()
    {
        Assert.Null(await CreateAsync(Ben, "n", ("access_model", "whitelist")));
        Assert.Null(await OwnAsync(Ben, "<affiliations node='n'><affiliation jid='ann@one.test' affiliation='member'/></affiliations>"));
        Assert.Null(await SubscribeAsync(Ann, "n", "ann@one.test"));
        Assert.True(await _lab.RemoveAsync("ben@one.test"));
        Assert.True(await _lab.RemoveAsync("ann@one.test"));
        Assert.Equal("closed-node", (await _lab.ReadAsync(Ben, "n", to: Service)).Refusal);
        Assert.Equal("closed-node", (await _lab.ReadAsync(Ann, "n", to: Service)).Refusal);
        Assert.Equal("Forbidden", await OwnAsync(Ben, "<delete node='n'/>"));
        Assert.DoesNotContain("jid=", (await AskAsync(Root, "get", "http://jabber.org/protocol/pubsub#owner", "<subscriptions node='n'/>")).Payload!.ToString(), StringComparison.Ordinal);
        Assert.Null(await OwnAsync(Root, "<delete node='n'/>"));
    }

    private async Task<string?> CreateAsync(string who, string node, params (string Field, string Value)[] fields) => Refusal(await AskAsync(who, "set", "http://jabber.org/protocol/pubsub",
        $"<create node='{node}'/><configure><x xmlns='jabber:x:data' type='submit'>{string.Concat(fields.Select(f => $"<field var='pubsub#{f.Field}'><value>{f.Value}</value></field>"))}</x></configure>"));

    private async Task<string?> PublishAsync(string who, string node, string id, string text = "") =>
        Refusal(await AskAsync(who, "set", "http://jabber.org/protocol/pubsub", $"<publish node='{node}'><item id='{id}'><x xmlns='urn:x'>{text}</x></item></publish>"));

    private async Task<string?> SubscribeAsync(string who, string node, string jid) => Refusal(await AskAsync(who, "set", "http://jabber.org/protocol/pubsub", $"<subscribe node='{node}' jid='{jid}'/>"));

    private async Task<string?> OwnAsync(string who, string inner) => Refusal(await AskAsync(who, "set", "http://jabber.org/protocol/pubsub#owner", inner));

    private Task<Iq> AskAsync(string who, string type, string ns, string inner) => _lab.AskAsync(who, type, $"<pubsub xmlns='{ns}'>{inner}</pubsub>", Service);

    private Task<Iq> AskDiscoAsync(string who, string what, string? node, string inner = "") =>
        _lab.AskAsync(who, "get", $"<query xmlns='http://jabber.org/protocol/disco#{what}'{(node is null ? "" : $" node='{node}'")}>{inner}</query>", Service);

    private async Task<Element> DiscoAsync(string who, string what, string inner = "") => (await AskDiscoAsync(who, what, null, inner)).Payload!;

    private static string? Refusal(Iq answer) => answer.IsError ? PubSubLab.Detail(answer) : null;
}
