using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.PubSub;

/// <summary>XEP-0060 at an account: what nodes keep, whom they let in, and their bounds.</summary>
public sealed class NodeTests : IAsyncLifetime
{
    private const string Ann = "ann@one.test/a", Ben = "ben@one.test/b", Eve = "eve@two.test/e";
    private PubSubLab _lab = null!;

    public async ValueTask InitializeAsync() => _lab = await PubSubLab.CreateAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task A_node_keeps_the_newest_items_and_shows_them_in_their_order_or_by_pages_from_the_newest()
    {
        await _lab.CreateAsync("n", ("max_items", "3"));
        foreach (var id in new[] { "a", "b", "c", "d", "b" }) await _lab.PublishAsync("n", id);

        Assert.Equal(["c", "d", "b"], (await _lab.ReadAsync(Ann, "n")).Items);
        Assert.Equal(["d", "b"], (await _lab.ReadAsync(Ann, "n", attributes: "max_items='2'")).Items);
        Assert.Equal(["b", "d"], (await _lab.ReadAsync(Ann, "n", Page("<max>2</max>"))).Items);
        Assert.Equal(["c"], (await _lab.ReadAsync(Ann, "n", Page("<max>2</max><after>d</after>"))).Items);
        Assert.Equal(["d", "c"], (await _lab.ReadAsync(Ann, "n", Page("<max>2</max><before/>"))).Items);
        Assert.Equal(["b"], (await _lab.ReadAsync(Ann, "n", Page("<max>2</max><before>d</before>"))).Items);
        Assert.Equal(["d"], (await _lab.ReadAsync(Ann, "n", Page("<max>1</max><index>1</index>"))).Items);
        Assert.Empty((await _lab.ReadAsync(Ann, "n", Page("<max>0</max>"))).Items);
        Assert.Equal("ItemNotFound", (await _lab.ReadAsync(Ann, "n", Page("<after>gone</after>"))).Refusal);

        static string Page(string inner) => $"<set xmlns='http://jabber.org/protocol/rsm'>{inner}</set>";
    }

    [Fact]
    public async Task An_item_that_is_asked_for_again_and_again_is_shown_once()
    {
        await _lab.PublishAsync("n", "a");
        await _lab.PublishAsync("n", "b");

        var answer = await _lab.AskAsync("ann@one.test/x", "get", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><items node='n'>{string.Concat(Enumerable.Repeat("<item id='b'/>", 500))}</items></pubsub>");

        Assert.Single(answer.Payload!.Children.Single().Children);
    }

    [Fact]
    public async Task An_item_that_is_expired_is_not_shown_any_more()
    {
        await _lab.CreateAsync("n", ("max_items", "max"), ("item_expire", "60"));
        await _lab.PublishAsync("n", "old");
        _lab.Time.Advance(TimeSpan.FromSeconds(50));
        await _lab.PublishAsync("n", "new");
        _lab.Time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(["new"], (await _lab.ReadAsync(Ann, "n")).Items);
    }

    [Theory]
    [InlineData("open", null, null)]
    [InlineData("presence", null, "presence-subscription-required")]
    [InlineData("roster", null, "not-in-roster-group")]
    [InlineData("whitelist", "closed-node", "closed-node")]
    [InlineData("authorize", "not-subscribed", "not-subscribed")]
    public async Task The_access_model_says_who_reads(string model, string? friend, string? stranger)
    {
        _lab.Befriend("ann@one.test", "ben@one.test", "Friends");
        await _lab.CreateAsync("n", ("access_model", model), ("roster_groups_allowed", "Friends"));
        await _lab.PublishAsync("n", "i");

        Assert.Equal(friend, (await _lab.ReadAsync(Ben, "n")).Refusal);
        Assert.Equal(stranger, (await _lab.ReadAsync(Eve, "n")).Refusal);
        Assert.Equal(["i"], (await _lab.ReadAsync(Ann, "n")).Items);

        await OwnerAsync("<affiliations node='n'><affiliation jid='eve@two.test' affiliation='member'/><affiliation jid='ben@one.test' affiliation='outcast'/></affiliations>");
        Assert.Equal(["i"], (await _lab.ReadAsync(Eve, "n")).Items);
        Assert.Equal("Forbidden", (await _lab.ReadAsync(Ben, "n")).Refusal);
    }

    [Fact]
    public async Task A_roster_group_that_is_not_allowed_does_not_read()
    {
        _lab.Befriend("ann@one.test", "ben@one.test", "Work");
        await _lab.CreateAsync("n", ("access_model", "roster"), ("roster_groups_allowed", "Friends"));

        Assert.Equal("not-in-roster-group", (await _lab.ReadAsync(Ben, "n")).Refusal);
    }

    [Fact]
    public async Task Whoever_asks_for_a_subscription_that_must_be_allowed_waits_for_the_owner()
    {
        await _lab.CreateAsync("n", ("access_model", "authorize"));
        await _lab.PublishAsync("n", "i");
        await _lab.TakeToldAsync();

        var answer = await _lab.AskAsync(Eve, "set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='eve@two.test'/></pubsub>");
        Assert.Equal("pending", answer.Payload!.Child("subscription")!["subscription"]);
        Assert.StartsWith("ann@one.test: ", Assert.Single(await _lab.TakeToldAsync()));
        Assert.Equal("not-subscribed", (await _lab.ReadAsync(Eve, "n")).Refusal);
        Assert.Equal("pending-subscription", PubSubLab.Detail(await _lab.AskAsync(Eve, "set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='eve@two.test'/></pubsub>")));

        await OwnerAsync("<subscriptions node='n'><subscription jid='eve@two.test' subscription='subscribed'/></subscriptions>");

        Assert.Equal(["eve@two.test: eve@two.test subscribed", "eve@two.test: i"], await _lab.TakeToldAsync());
        Assert.Equal(["i"], (await _lab.ReadAsync(Eve, "n")).Items);
        await _lab.PublishAsync("n", "j");
        Assert.Equal(["eve@two.test: j"], await _lab.TakeToldAsync());
    }

    [Fact]
    public async Task Where_everybody_publishes_nobody_touches_what_others_did()
    {
        await _lab.CreateAsync("n", ("access_model", "open"), ("publish_model", "open"), ("max_items", "max"));
        Assert.Equal("result", (await PublishAsync(Eve, "hers")).Type);

        Assert.Equal("Forbidden", PubSubLab.Detail(await PublishAsync("mallory@two.test/x", "hers")));
        Assert.Equal("Forbidden", PubSubLab.Detail(await RetractAsync("mallory@two.test/x")));
        Assert.Equal("result", (await RetractAsync(Eve)).Type);

        Task<Iq> PublishAsync(string from, string id) => _lab.AskAsync(from, "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='{id}'><x xmlns='urn:x'/></item></publish></pubsub>");
        Task<Iq> RetractAsync(string from) => _lab.AskAsync(from, "set", "<pubsub xmlns='http://jabber.org/protocol/pubsub'><retract node='n'><item id='hers'/></retract></pubsub>");
    }

    [Fact]
    public async Task Nodes_items_bytes_and_people_are_bounded_and_what_was_too_much_leaves_nothing_behind()
    {
        await _lab.CreateAsync("n", ("access_model", "open"), ("max_items", "max"));
        Assert.Equal("payload-too-big", PubSubLab.Detail(await PublishAsync("n", "big", 2100)));
        foreach (var i in Enumerable.Range(0, 4)) Assert.Equal("result", (await PublishAsync("n", $"i{i}", 1800)).Type);
        Assert.Equal("ResourceConstraint", PubSubLab.Detail(await PublishAsync("n", "i4", 1800)));
        Assert.Equal(["i0", "i1", "i2", "i3"], (await _lab.ReadAsync(Ann, "n")).Items);
        Assert.Equal("result", (await PublishAsync("n", "i3", 1700)).Type);

        foreach (var i in Enumerable.Range(0, 20)) Assert.Equal("result", (await PublishAsync("m", $"{i}", 10)).Type);
        await _lab.CreateAsync("many", ("max_items", "10"));
        foreach (var i in Enumerable.Range(0, 12)) await _lab.PublishAsync("many", $"{i}");
        Assert.Equal(10, (await _lab.ReadAsync(Ann, "many")).Items.Count);
        await _lab.CreateAsync("last");
        Assert.Equal("max-nodes-exceeded", PubSubLab.Detail(await PublishAsync("one-more", "i", 1)));

        foreach (var i in Enumerable.Range(0, 3)) Assert.Equal("result", (await SubscribeAsync(i)).Type);
        Assert.Equal("too-many-subscriptions", PubSubLab.Detail(await SubscribeAsync(3)));

        Task<Iq> PublishAsync(string node, string id, int size) => _lab.AskAsync(Ann, "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='{node}'><item id='{id}'><x xmlns='urn:x'>{new string('x', size)}</x></item></publish></pubsub>");
        Task<Iq> SubscribeAsync(int i) => _lab.AskAsync($"u{i}@two.test/x", "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><subscribe node='n' jid='u{i}@two.test'/></pubsub>");
    }

    [Theory]
    [InlineData("max_items", "11")]
    [InlineData("max_items", "0")]
    [InlineData("access_model", "anybody")]
    [InlineData("persist_items", "perhaps")]
    public async Task A_configuration_that_cannot_be_is_refused(string field, string value)
    {
        var answer = await _lab.AskAsync(Ann, "set",
            $"<pubsub xmlns='http://jabber.org/protocol/pubsub'><create node='n'/><configure><x xmlns='jabber:x:data' type='submit'><field var='pubsub#{field}'><value>{value}</value></field></x></configure></pubsub>");

        Assert.Equal("invalid-options", PubSubLab.Detail(answer));
        Assert.Equal("ItemNotFound", (await _lab.ReadAsync(Ann, "n")).Refusal);
    }

    [Theory]
    [InlineData("pubsub#max_items", "10", true)]
    [InlineData("pubsub#max_items", "max", true)]
    [InlineData("pubsub#persist_items", "true", true)]
    [InlineData("pubsub#send_last_published_item", "on_sub_and_presence", true)]
    [InlineData("pubsub#max_items", "9", false)]
    [InlineData("pubsub#access_model", "open", false)]
    [InlineData("pubsub#unheard_of", "1", false)]
    public async Task Preconditions_are_judged_by_what_they_mean(string field, string value, bool isMet)
    {
        await _lab.CreateAsync("n", ("max_items", "max"));
        var answer = await _lab.AskAsync(Ann, "set",
            $"""
            <pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='n'><item id='i'><x xmlns='urn:x'/></item></publish><publish-options><x xmlns='jabber:x:data' type='submit'>
            <field var='FORM_TYPE'><value>http://jabber.org/protocol/pubsub#publish-options</value></field><field var='{field}'><value>{value}</value></field></x></publish-options></pubsub>
            """);

        Assert.Equal(isMet ? null : "precondition-not-met", answer.IsError ? PubSubLab.Detail(answer) : null);
    }

    [Fact]
    public async Task What_standards_call_private_is_so_without_a_word()
    {
        _lab.Befriend("ann@one.test", "ben@one.test");
        await _lab.PublishAsync("urn:xmpp:mds:displayed:0", "a");
        await _lab.PublishAsync("urn:xmpp:mds:displayed:0", "b");

        Assert.Equal("closed-node", (await _lab.ReadAsync(Ben, "urn:xmpp:mds:displayed:0")).Refusal);
        Assert.Equal(["a", "b"], (await _lab.ReadAsync(Ann, "urn:xmpp:mds:displayed:0")).Items);
    }

    private async Task OwnerAsync(string inner)
    {
        var answer = await _lab.AskAsync(Ann, "set", $"<pubsub xmlns='http://jabber.org/protocol/pubsub#owner'>{inner}</pubsub>");
        Assert.True(answer.Type == "result", answer.Element.ToString());
    }
}
