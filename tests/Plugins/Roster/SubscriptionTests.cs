using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.Roster;

/// <summary>RFC 6121 section 3: asking, approving, refusing and cancelling.</summary>
public sealed class SubscriptionTests
{
    private const string Ann = "ann@one.test";
    private const string Ben = "ben@two.test";

    [Fact]
    public async Task A_request_that_is_approved_brings_presence()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        ann.Take();
        ben.Take();
        await world.SendAsync(ann, $"<presence type='subscribe' to='{Ben}'/>");
        Assert.Equal([$"push {Ben} none ask"], ann.TakeWords());
        Assert.Equal([$"subscribe {Ann}"], ben.TakeWords());
        await world.SendAsync(ben, $"<presence type='subscribed' to='{Ann}'/>");
        Assert.Equal([$"push {Ann} from"], ben.TakeWords());
        Assert.Equal([$"push {Ben} to", $"subscribed {Ben}", "available ben@two.test/b"], ann.TakeWords());
    }

    [Fact]
    public async Task Who_follows_an_invitation_of_another_server_s_user_shows_its_token_there_and_is_asked_nothing_in_return()
    {
        // XEP-0379 sections 3.3 and 3.5, where this server is the link receiver's.
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        ann.Take();
        await world.SendAsync(ann, "<presence type='subscribe' to='romeo@far.org'><preauth xmlns='urn:xmpp:pars:0' token='t'/></presence>");
        await world.SendAsync(ann, "<presence type='subscribed' to='romeo@far.org'/>");
        Assert.Equal("t", Assert.Single(world.Away, s => s.Type == "subscribe").Element.Child("preauth", "urn:xmpp:pars:0")?["token"]);
        await world.ReceiveAsync("romeo@far.org", Ann, "subscribed");
        await world.ReceiveAsync("romeo@far.org", Ann, "subscribe");
        Assert.Equal((true, true, false), State(world, Ann, "romeo@far.org"));
        Assert.DoesNotContain(ann.TakeWords(), w => w.StartsWith("subscribe ", StringComparison.Ordinal));
        Assert.Contains(world.Away, s => s.Type == "subscribed");
    }

    [Fact]
    public async Task Both_ways_is_both()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        foreach (var (one, other) in new[] { (ann, ben), (ben, ann) })
        {
            await world.SendAsync(one, $"<presence type='subscribe' to='{other.Jid.Bare}'/>");
            await world.SendAsync(other, $"<presence type='subscribed' to='{one.Jid.Bare}'/>");
        }

        Assert.Contains($"push {Ben} both", ann.TakeWords());
        Assert.Contains($"push {Ann} both", ben.TakeWords());
        Assert.Equal((true, true, false), State(world, Ann, Ben));
        Assert.Equal((true, true, false), State(world, Ben, Ann));
    }

    [Fact]
    public async Task A_request_waits_until_it_is_answered_and_is_shown_at_every_log_in()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        await world.SendAsync(ann, $"<presence type='subscribe' to='{Ben}'/>");
        await world.SendAsync(ann, $"<presence type='subscribe' to='{Ben}'/>");
        for (var i = 0; i < 2; i++) Assert.Contains($"subscribe {Ann}", (await world.BindAsync($"ben@two.test/{i}")).TakeWords());
        var ben = await world.BindAsync("ben@two.test/b");
        ann.Take();
        await world.SendAsync(ben, $"<presence type='unsubscribed' to='{Ann}'/>");
        Assert.Equal([$"push {Ben} none", $"unsubscribed {Ben}"], ann.TakeWords());
        Assert.Null(world.Item(Ben, Ann));
        Assert.DoesNotContain($"subscribe {Ann}", (await world.BindAsync("ben@two.test/c")).TakeWords());
    }

    [Fact]
    public async Task A_request_by_somebody_subscribed_or_approved_in_advance_is_answered_by_the_server()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        ben.Take();
        await world.SendAsync(ben, $"<presence type='subscribed' to='{Ann}'/>");
        Assert.Equal([$"push {Ann} none approved"], ben.TakeWords());
        Assert.DoesNotContain($"subscribed {Ben}", ann.TakeWords());
        for (var i = 0; i < 2; i++)
        {
            await world.SendAsync(ann, $"<presence type='subscribe' to='{Ben}'/>");
            Assert.DoesNotContain($"subscribe {Ann}", ben.TakeWords());
            if (i == 0) Assert.Equal([$"push {Ben} none ask", $"push {Ben} to", $"subscribed {Ben}", "available ben@two.test/b"], ann.TakeWords());
        }

        Assert.Equal((true, false, false), State(world, Ann, Ben));
    }

    [Fact]
    public async Task Cancelling_ones_own_subscription_ends_the_presence()
    {
        var world = new World();
        world.Befriend(Ann, Ben);
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        ann.Take();
        ben.Take();
        await world.SendAsync(ann, $"<presence type='unsubscribe' to='{Ben}'/>");
        Assert.Equal([$"push {Ben} from", "unavailable ben@two.test/b"], ann.TakeWords());
        Assert.Equal([$"push {Ann} to", $"unsubscribe {Ann}"], ben.TakeWords());
    }

    [Fact]
    public async Task Cancelling_the_others_subscription_ends_ones_own_presence_there()
    {
        var world = new World();
        world.Befriend(Ann, Ben);
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        ann.Take();
        ben.Take();
        await world.SendAsync(ben, $"<presence type='unsubscribed' to='{Ann}'/>");
        Assert.Equal([$"push {Ann} to"], ben.TakeWords());
        Assert.Equal([$"push {Ben} from", $"unsubscribed {Ben}", "unavailable ben@two.test/b"], ann.TakeWords());
    }

    [Theory]
    [InlineData("subscribed")]
    [InlineData("unsubscribed")]
    [InlineData("unsubscribe")]
    public async Task What_answers_no_request_changes_and_shows_nothing(string type)
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        ann.Take();
        await world.ReceiveAsync("mal@far.org", Ann, type);
        Assert.Empty(ann.Take());
        Assert.Empty(world.Of(Ann));
        Assert.Empty(world.Away);
    }

    [Fact]
    public async Task Nobody_subscribes_to_themselves()
    {
        var world = new World();
        var ann = await world.BindAsync("ann@one.test/a");
        ann.Take();
        await world.SendAsync(ann, $"<presence type='subscribe' to='{Ann}'/>");
        Assert.Equal(StanzaCondition.NotAllowed, StanzaError.Of(Assert.Single(ann.Take())).Condition);
        Assert.Empty(world.Of(Ann));
    }

    [Theory]
    [InlineData(100, true)]
    [InlineData(5000, false)]
    public async Task A_strangers_greeting_is_kept_if_it_is_short(int length, bool kept)
    {
        var world = new World();
        await world.ReceiveAsync("mal@far.org", Ann, "subscribe", new string('x', length));
        var pending = world.Item(Ann, "mal@far.org")!.PendingIn!;
        Assert.Equal(("mal@far.org", Ann, "subscribe", kept ? length : null), (pending["from"], pending["to"], pending["type"], pending.Child("status")?.Value.Length));
    }

    private static (bool To, bool From, bool Ask) State(World world, string account, string contact) =>
        world.Item(account, contact) is { } i ? (i.SubscribedTo, i.SubscribedFrom, i.PendingOut) : default;
}
