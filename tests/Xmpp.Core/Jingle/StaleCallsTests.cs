using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Jingle;

/// <summary>Which proposals of calls (XEP-0353) in a backlog would ring for nobody.</summary>
public sealed class StaleCallsTests
{
    private const string Ann = "ann@one.test/a", Ben = "ben@two.test", Phone = "ben@two.test/phone", Laptop = "ben@two.test/laptop";
    private static readonly DateTimeOffset Now = new(2026, 1, 2, 3, 4, 5, TimeSpan.Zero);

    [Fact]
    public void A_proposal_rings_for_a_minute()
    {
        Assert.Empty(Find(59, Call("propose", Ann, Ben)));
        Assert.Equal([0], Find(61, Call("propose", Ann, Ben)));
    }

    [Theory]
    [InlineData("retract", Ann, Ben)] // the caller takes it back
    [InlineData("finish", Ann, Phone)]
    [InlineData("proceed", Phone, Ann)] // another client of the account takes it
    [InlineData("reject", Laptop, Ann)]
    [InlineData("finish", Laptop, Ann)]
    [InlineData("accept", Laptop, Ben)] // as clients of version 0.2 tell their own account
    public void What_ended_the_call_is_left_and_the_proposal_is_not(string verb, string from, string to)
    {
        Message proposal = Call("propose", Ann, Ben), end = Call(verb, from, to);
        Assert.Equal([0], Find(1, proposal, end));
        Assert.Equal([1], Find(1, end, proposal));
        Assert.Equal([0], Find(1, Copy("received", proposal), end));
        Assert.Equal([1], Find(1, Copy(from == Ann ? "received" : "sent", end), proposal));
    }

    [Theory]
    [InlineData("ringing", Phone, Ann, "c")]
    [InlineData("retract", Ann, Ben, "another")]
    [InlineData("retract", "eve@three.test/e", Ben, "c")] // whoever is no party of it
    [InlineData("proceed", Phone, "eve@three.test/e", "c")]
    public void Nothing_else_ends_it(string verb, string from, string to, string id) => Assert.Empty(Find(1, Call("propose", Ann, Ben), Call(verb, from, to, id)));

    [Fact]
    public void A_copy_that_somebody_else_made_up_is_no_copy()
    {
        var forged = new Message(Copy("sent", Call("proceed", Phone, Ann)).Element.Copy().Attr("from", "eve@three.test/e"));
        Assert.Empty(Find(1, Call("propose", Ann, Ben), forged));
    }

    [Fact]
    public void What_the_account_itself_proposes_from_elsewhere_is_left() => Assert.Empty(Find(61, Copy("sent", Call("propose", Laptop, Ann)), Call("ringing", Ann, Laptop)));

    [Fact]
    public void A_proposal_that_came_late_already_is_as_old_as_its_stamp()
    {
        var stamped = DelayStamp.Add(Call("propose", Ann, Ben), "two.test", Now.AddSeconds(-61));
        Assert.Equal([0], Find(1, stamped));
        Assert.Empty(Find(1, DelayStamp.Add(Call("propose", Ann, Ben), "two.test", Now.AddSeconds(-30))));
        Assert.Empty(Find(1, DelayStamp.Add(Call("propose", Ann, Ben), "three.test", Now.AddSeconds(-61)))); // not ours
    }

    [Fact]
    public void Whatever_else_is_in_the_backlog_is_left()
    {
        var message = new Message(new Element("message", "jabber:client").Attr("from", Ann).Attr("to", Ben).Add("body", b => b.Text("x")));
        var nameless = new Message(new Element("message", "jabber:client").Attr("from", Ann).Attr("to", Ben).Add(new Element("propose", "urn:xmpp:jingle-message:0")));
        var presence = new Presence(new Element("presence", "jabber:client").Attr("from", Ann).Attr("to", Ben));
        var hollow = new Message(new Element("message", "jabber:client").Attr("from", Ben).Attr("to", Phone).Add(new Element("sent", "urn:xmpp:carbons:2")));
        Assert.Equal([2], Find(61, message, nameless, Call("propose", Ann, Ben), presence, hollow));
    }

    private static IEnumerable<int> Find(int seconds, params Stanza[] backlog) => StaleCalls.Find(Jid.Parse(Ben), [.. backlog.Select(s => (s, Now.AddSeconds(-seconds)))], Now).Order();

    private static Message Call(string verb, string from, string to, string id = "c") =>
        new(new Element("message", "jabber:client").Attr("from", from).Attr("to", to).Attr("type", "chat").Add(new Element(verb, "urn:xmpp:jingle-message:0").Attr("id", id)));

    private static Message Copy(string direction, Message message) => new(new Element("message", "jabber:client").Attr("from", Ben).Attr("to", Laptop)
        .Add(new Element(direction, "urn:xmpp:carbons:2").Add(new Element("forwarded", "urn:xmpp:forward:0").Add(message.Element))));
}
