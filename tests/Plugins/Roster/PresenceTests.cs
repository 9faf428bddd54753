namespace Parley.tests.Plugins.Roster;

/// <summary>RFC 6121 section 4: who is told of whose presence.</summary>
public sealed class PresenceTests
{
    [Fact]
    public async Task Contacts_learn_of_each_other_whoever_comes_first()
    {
        var world = new World();
        world.Befriend("ann@one.test", "ben@two.test");
        var ann = await world.BindAsync("ann@one.test/a");
        Assert.Equal(["available ann@one.test/a"], ann.TakeWords()); // its own, as every resource of the account
        var ben = await world.BindAsync("ben@two.test/b");
        Assert.Equal(["available ben@two.test/b", "available ann@one.test/a"], ben.TakeWords());
        Assert.Equal(["available ben@two.test/b"], ann.TakeWords());
        await world.SendAsync(ben, "<presence/>");
        Assert.Equal(["available ben@two.test/b"], ann.TakeWords());
        Assert.Equal(["available ben@two.test/b"], ben.TakeWords()); // no second probe
        await world.SendAsync(ben, "<presence type='unavailable'/>");
        Assert.Equal(["unavailable ben@two.test/b"], ann.TakeWords());
        await world.SendAsync(ben, "<presence/>");
        Assert.Equal(["available ben@two.test/b", "available ann@one.test/a"], ben.TakeWords()); // initial again
    }

    [Fact]
    public async Task A_removed_account_goes_offline_for_those_who_saw_it()
    {
        var world = new World();
        world.Befriend("ann@one.test", "ben@two.test");
        world.Befriend("ann@one.test", "cyd@two.test");
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        var cyd = await world.BindAsync("cyd@two.test/c");
        await world.SendAsync(cyd, "<presence type='unsubscribe' to='ann@one.test'/>");
        await world.SendAsync(ann, "<presence/>");
        ben.Take();
        cyd.Take();
        world.RemoveAccount("ann@one.test");
        await world.SendAsync(ann, "<presence type='unavailable'/>");
        Assert.Equal(["unavailable ann@one.test/a"], ben.TakeWords());
        Assert.Empty(cyd.Take());
    }

    [Fact]
    public async Task Presence_follows_the_direction_of_the_subscription()
    {
        var world = new World();
        world.Give("ann@one.test", new("ben@two.test", "", [], SubscribedTo: true, false, false, null));
        world.Give("ben@two.test", new("ann@one.test", "", [], false, SubscribedFrom: true, false, null));
        var ann = await world.BindAsync("ann@one.test/a");
        var ben = await world.BindAsync("ben@two.test/b");
        Assert.Contains("available ben@two.test/b", ann.TakeWords());
        Assert.Equal(["available ben@two.test/b"], ben.TakeWords());
    }

    [Fact]
    public async Task Resources_of_one_account_see_each_other()
    {
        var world = new World();
        var desk = await world.BindAsync("ann@one.test/desk");
        desk.Take();
        var phone = await world.BindAsync("ann@one.test/phone");
        Assert.Equal(["available ann@one.test/phone", "available ann@one.test/desk"], phone.TakeWords());
        Assert.Equal(["available ann@one.test/phone"], desk.TakeWords());
        await world.SendAsync(phone, "<presence type='unavailable'/>");
        Assert.Equal(["unavailable ann@one.test/phone"], desk.TakeWords());
    }

    [Fact]
    public async Task A_probe_is_answered_to_subscribers_only()
    {
        var world = new World();
        world.Give("ann@one.test", new("sub@far.org", "", [], false, SubscribedFrom: true, false, null));
        await world.ReceiveAsync("wait@far.org", "ann@one.test", "subscribe");
        await world.ReceiveAsync("sub@far.org/r", "ann@one.test", "probe");
        await world.BindAsync("ann@one.test/a");
        world.Away.Clear();
        await world.ReceiveAsync("sub@far.org/r", "ann@one.test", "probe");
        await world.ReceiveAsync("mal@far.org/r", "ann@one.test", "probe");
        await world.ReceiveAsync("wait@far.org/r", "ann@one.test", "probe");
        Assert.Equal(["available ann@one.test/a sub@far.org/r", "unsubscribed ann@one.test mal@far.org"], world.Away.Select(s => $"{s.Type ?? "available"} {s.From} {s.To}"));
    }

    [Fact]
    public async Task A_subscriber_elsewhere_is_told_that_nobody_is_there()
    {
        var world = new World();
        world.Give("ann@one.test", new("sub@far.org", "", [], false, SubscribedFrom: true, false, null));
        await world.ReceiveAsync("sub@far.org/r", "ann@one.test", "probe");
        Assert.Equal("unavailable", Assert.Single(world.Away).Type);
    }
}
