using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.Roster;

/// <summary>RFC 6121 section 2: reading and changing the roster.</summary>
public sealed class RosterIqTests
{
    [Fact]
    public async Task Items_are_added_changed_read_and_pushed_to_interested_resources()
    {
        var world = new World();
        var desk = await world.BindAsync("ann@one.test/desk");
        var phone = await world.BindAsync("ann@one.test/phone", presence: false);
        var bored = await world.BindAsync("ann@one.test/bored", roster: false, presence: false);
        desk.Take();
        Assert.Equal("result", (await world.SetAsync(desk, i => i.Attr("jid", "Ben@two.test/x").Attr("name", "Ben").Add("group", g => g.Text("Friends")))).Type);
        foreach (var session in new[] { desk, phone })
        {
            var push = (Iq)Assert.Single(session.Take());
            Assert.Equal(("set", null, session.Jid), (push.Type, push.From, push.To));
            Assert.Equal("<item jid='ben@two.test' name='Ben' subscription='none'><group>Friends</group></item>", push.Payload!.Children.Single().ToString().Replace(" xmlns='jabber:iq:roster'", "", StringComparison.Ordinal));
        }

        Assert.Empty(bored.Take());
        await world.SetAsync(phone, i => i.Attr("jid", "ben@two.test").Attr("name", "Benny"));
        var item = Assert.Single(((await world.AskAsync(desk, "get", new Element("query", "jabber:iq:roster"))).Payload!).Children);
        Assert.Equal(("Benny", 0), (item["name"], item.Children.Count()));
    }

    [Fact]
    public async Task A_contact_without_a_name_is_a_contact_all_the_same()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        await world.ReceiveAsync("ben@two.test", "ann@one.test", "subscribe");
        Assert.Empty((await world.AskAsync(ann, "get", new Element("query", "jabber:iq:roster"))).Payload!.Children); // it only asked
        await world.SetAsync(ann, i => i.Attr("jid", "ben@two.test"));
        Assert.Single((await world.AskAsync(ann, "get", new Element("query", "jabber:iq:roster"))).Payload!.Children);
        Assert.NotNull(world.Item("ann@one.test", "ben@two.test")!.PendingIn);
    }

    [Fact]
    public async Task Faulty_sets_are_refused()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        async Task<StanzaCondition> Try(Action<Element> build)
        {
            var query = new Element("query", "jabber:iq:roster");
            build(query);
            return StanzaError.Of(await world.AskAsync(ann, "set", query)).Condition;
        }

        Assert.Equal(StanzaCondition.BadRequest, await Try(_ => { }));
        Assert.Equal(StanzaCondition.BadRequest, await Try(q => q.Add("item", i => i.Attr("jid", "b@x.test")).Add("item", i => i.Attr("jid", "c@x.test"))));
        Assert.Equal(StanzaCondition.BadRequest, await Try(q => q.Add("item")));
        Assert.Equal(StanzaCondition.BadRequest, await Try(q => q.Add("item", i => i.Attr("jid", "@"))));
        Assert.Equal(StanzaCondition.BadRequest, await Try(q => q.Add("item", i => i.Attr("jid", "b@x.test").Add("group", g => g.Text("A")).Add("group", g => g.Text("A")))));
        Assert.Equal(StanzaCondition.NotAcceptable, await Try(q => q.Add("item", i => i.Attr("jid", "b@x.test").Add("group"))));
        Assert.Equal(StanzaCondition.NotAcceptable, await Try(q => q.Add("item", i => i.Attr("jid", "b@x.test").Attr("name", new string('x', 1024)))));
        Assert.Equal(StanzaCondition.NotAllowed, await Try(q => q.Add("item", i => i.Attr("jid", "ann@one.test"))));
        Assert.Equal(StanzaCondition.ItemNotFound, await Try(q => q.Add("item", i => i.Attr("jid", "b@x.test").Attr("subscription", "remove"))));
        Assert.Empty(world.Of("ann@one.test"));
    }

    [Fact]
    public async Task Nobody_elses_roster_is_read_or_changed_and_guests_have_none()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        var query = new Element("query", "jabber:iq:roster").Add("item", i => i.Attr("jid", "c@x.test"));
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await world.AskAsync(ann, "get", new Element("query", "jabber:iq:roster"), "ben@one.test")).Condition);
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await world.AskAsync(ann, "set", query, "ben@one.test")).Condition);
        var guest = new FakeSession("g@guest.one.test/x") { Kind = SenderKind.Guest };
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await world.AskAsync(guest, "get", new Element("query", "jabber:iq:roster"))).Condition);
        Assert.Equal(StanzaCondition.Forbidden, StanzaError.Of(await world.AskAsync(guest, "set", query)).Condition);
    }

    [Fact]
    public async Task A_full_roster_takes_no_more_but_can_be_changed()
    {
        var world = new World(maxItems: 2);
        var ann = await world.BindAsync("ann@one.test/a");
        await world.SetAsync(ann, i => i.Attr("jid", "b@x.test"));
        await world.SetAsync(ann, i => i.Attr("jid", "c@x.test"));
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(await world.SetAsync(ann, i => i.Attr("jid", "d@x.test"))).Condition);
        Assert.Equal("result", (await world.SetAsync(ann, i => i.Attr("jid", "b@x.test").Attr("name", "B"))).Type);
    }

    [Fact]
    public async Task A_roster_is_bounded_by_what_its_contacts_are_called_too()
    {
        var world = new World(maxItems: 10);
        var ann = await world.BindAsync("ann@one.test/a");
        async Task<string> NameAsync(int contact, int length) => (await world.SetAsync(ann, i => i.Attr("jid", $"c{contact}@x.test").Attr("name", new string('é', length)))) is { IsError: true } refused ? StanzaError.Of(refused).Condition.ToString() : "";
        Assert.Equal("", await NameAsync(0, 1_000));
        Assert.Equal("", await NameAsync(1, 1_000));
        Assert.Equal(nameof(StanzaCondition.ResourceConstraint), await NameAsync(2, 1_000));
        Assert.Equal("", await NameAsync(2, 10));
        Assert.Equal(nameof(StanzaCondition.ResourceConstraint), await NameAsync(2, 1_000)); // nor by and by
        Assert.Equal("", await NameAsync(1, 900));
        Assert.Equal("", await NameAsync(2, 100));
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(await world.SetAsync(ann, i =>
        {
            i.Attr("jid", "c3@x.test");
            for (var g = 0; g < 10; g++) i.Add("group", e => e.Text(g + new string('g', 200)));
        })).Condition);
        Assert.Equal(3, world.Of("ann@one.test").Count);
    }

    [Fact]
    public async Task Strangers_requests_count_apart_and_fill_nobodys_roster()
    {
        var world = new World(maxItems: 2, maxRequests: 2);
        var ann = await world.BindAsync("ann@one.test/a");
        for (var i = 0; i < 2; i++) await world.ReceiveAsync($"s{i}@far.org", "ann@one.test", "subscribe");
        ann.Take();
        await world.ReceiveAsync("s2@far.org", "ann@one.test", "subscribe");
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(world.Away.Last()).Condition);
        Assert.Empty(ann.Take());
        await world.ReceiveAsync("s1@far.org", "ann@one.test", "subscribe"); // who waits already may ask again
        Assert.Equal(["subscribe s1@far.org"], ann.TakeWords());

        foreach (var contact in (string[])["b@x.test", "c@x.test"]) Assert.Equal("result", (await world.SetAsync(ann, i => i.Attr("jid", contact))).Type);
        // A request that is approved becomes a contact, for which there must be room.
        await world.SendAsync(ann, "<presence type='subscribed' to='s0@far.org'/>");
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(ann.Take()[^1]).Condition);
        Assert.NotNull(world.Item("ann@one.test", "s0@far.org")!.PendingIn);
        await world.SetAsync(ann, i => i.Attr("jid", "b@x.test").Attr("subscription", "remove"));
        await world.SendAsync(ann, "<presence type='subscribed' to='s0@far.org'/>");
        Assert.True(world.Item("ann@one.test", "s0@far.org")!.SubscribedFrom);
        await world.ReceiveAsync("s2@far.org", "ann@one.test", "subscribe"); // there is room again
        Assert.NotNull(world.Item("ann@one.test", "s2@far.org"));
    }

    [Fact]
    public async Task Removal_ends_both_subscriptions()
    {
        var world = new World();
        world.Befriend("ann@one.test", "ben@two.test");
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        ann.Take();
        ben.Take();
        await world.SetAsync(ann, i => i.Attr("jid", "ben@two.test").Attr("subscription", "remove"));
        Assert.Contains("push ben@two.test remove", ann.TakeWords());
        Assert.Null(world.Item("ann@one.test", "ben@two.test"));
        Assert.Equal(["push ann@one.test to", "unsubscribe ann@one.test", "push ann@one.test none", "unsubscribed ann@one.test", "unavailable ann@one.test/a"], ben.TakeWords());
    }
}
