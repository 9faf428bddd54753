using Parley.tests.Xmpp.Server.Routing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams.ClientState;

namespace Parley.tests.Xmpp.Server.Streams.ClientState;

/// <summary>What may wait for a client that nobody looks at, and what waits in which order.</summary>
public sealed class PatienceTests
{
    private const string Typing = "<composing xmlns='http://jabber.org/protocol/chatstates'/>";
    private const string Event = "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='urn:xmpp:avatar:metadata'/></event>";
    private const string Received = "<received xmlns='urn:xmpp:receipts' id='1'/>";
    private const string Displayed = "<displayed xmlns='urn:xmpp:chat-markers:0' id='1'/>";

    private static readonly DateTimeOffset Now = new(2026, 11, 26, 12, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData("<presence from='a@b/c'/>", true)]
    [InlineData("<presence from='a@b/c' type='unavailable'/>", true)]
    [InlineData("<presence from='a@b/c'><x xmlns='http://jabber.org/protocol/muc#user'><item affiliation='none'/></x></presence>", true)]
    [InlineData("<presence from='a@b/c'><x xmlns='http://jabber.org/protocol/muc#user'><status code='110'/></x></presence>", false)]
    [InlineData("<presence from='a@b' type='subscribe'/>", false)]
    [InlineData("<presence from='a@b' type='error'/>", false)]
    [InlineData($"<message from='a@b/c'>{Typing}</message>", true)]
    [InlineData($"<message from='a@b/c'><thread>x</thread>{Typing}<no-store xmlns='urn:xmpp:hints'/></message>", true)]
    [InlineData($"<message from='a@b/c'><body>hi</body>{Typing}</message>", false)]
    [InlineData($"<message from='a@b/c' type='error'>{Typing}</message>", false)]
    [InlineData($"<message from='a@b'>{Event}</message>", true)]
    [InlineData($"<message from='a@b/c'>{Received}</message>", true)]
    [InlineData($"<message from='a@b/c'>{Displayed}</message>", true)]
    [InlineData("<message from='a@b/c'><request xmlns='urn:xmpp:receipts'/></message>", false)]
    [InlineData("<message from='a@b/c'><propose xmlns='urn:xmpp:jingle-message:0' id='1'/><store xmlns='urn:xmpp:hints'/></message>", false)]
    [InlineData("<message from='r@b'><x xmlns='http://jabber.org/protocol/muc#user'><invite from='a@b'/></x></message>", false)]
    [InlineData("<message from='r@b'><x xmlns='jabber:x:conference' jid='r@b'/></message>", false)]
    [InlineData("<message from='r@b' type='groupchat'><subject>x</subject></message>", false)]
    [InlineData("<message from='a@b/c'><encrypted xmlns='eu.siacs.conversations.axolotl'/></message>", false)]
    [InlineData("<message from='a@b/c'/>", false)]
    [InlineData("<message from='a@b/c'><store xmlns='urn:xmpp:hints'/></message>", false)]
    [InlineData("<iq type='get' id='1' from='a@b/c'><ping xmlns='urn:xmpp:ping'/></iq>", false)]
    public void Only_what_nobody_misses_waits(string stanza, bool waits) => Assert.Equal(waits, Patience.MayWait(Read(stanza), new(), out _));

    [Theory]
    [InlineData("sent", Typing, true)]
    [InlineData("received", Typing, true)]
    [InlineData("received", "<body>hi</body>", false)]
    public void A_carbon_is_worth_what_it_carries(string kind, string inner, bool waits)
    {
        var carbon = $"<message from='ann@one.test'><{kind} xmlns='urn:xmpp:carbons:2'><forwarded xmlns='urn:xmpp:forward:0'><message xmlns='jabber:client' from='a@b/c' to='d@e'>{inner}</message></forwarded></{kind}></message>";
        Assert.Equal(waits, Patience.MayWait(Read(carbon), new(), out _));
    }

    [Fact]
    public void The_operator_says_what_waits()
    {
        var none = new ClientStateOptions { HoldPresence = false, HoldChatStates = false, HoldEvents = false, HoldReceipts = false };
        foreach (var stanza in new[] { "<presence from='a@b/c'/>", $"<message>{Typing}</message>", $"<message>{Event}</message>", $"<message>{Received}</message>", $"<message>{Displayed}</message>" })
        {
            Assert.True(Patience.MayWait(Read(stanza), new(), out _));
            Assert.False(Patience.MayWait(Read(stanza), none, out _));
        }
    }

    [Fact]
    public void Of_each_senders_presence_and_typing_the_last_remains_in_its_own_place()
    {
        var held = new HeldStanzas(new());
        foreach (var stanza in new[]
        {
            "<presence from='a@b/c' id='1'/>", $"<message from='a@b/c' id='2'>{Typing}</message>", "<presence from='d@e/f' id='3'/>", $"<message from='a@b' id='4'>{Event}</message>",
            "<presence from='a@b/c' id='5' type='unavailable'/>", $"<message from='a@b/c' id='6'>{Typing}</message>", $"<message from='a@b' id='7'>{Event}</message>", "<presence from='a@b/other' id='8'/>",
        })
        {
            Assert.True(held.TryHold(Read(stanza), null, Now, out _));
        }

        Assert.False(held.TryHold(Read("<message from='a@b/c'><body>hi</body></message>"), null, Now, out _));
        Assert.Equal(["3", "4", "5", "6", "7", "8"], held.Take().Select(h => h.Stanza.Id));
        Assert.Empty(held.Take());
        Assert.True(held.TryHold(Read("<presence from='a@b/c' id='9'/>"), null, Now, out _));
        Assert.Equal(1, held.Count);
    }

    [Fact]
    public void It_is_full_by_count_and_by_bytes_and_what_is_replaced_does_not_count()
    {
        var byCount = new HeldStanzas(new() { MaxHeld = 2 });
        byCount.TryHold(Read("<presence from='a@b/1'/>"), null, Now, out _);
        byCount.TryHold(Read("<presence from='a@b/1'/>"), null, Now, out _);
        Assert.False(byCount.IsFull);
        byCount.TryHold(Read("<presence from='a@b/2'/>"), null, Now, out _);
        Assert.True(byCount.IsFull);
        byCount.Take();
        Assert.False(byCount.IsFull);

        var byBytes = new HeldStanzas(new() { MaxHeldBytes = 1000 });
        for (var i = 0; i < 20; i++) byBytes.TryHold(Read($"<presence from='a@b/1'><status>{new string('x', 500)}</status></presence>"), null, Now, out _);
        Assert.False(byBytes.IsFull);
        byBytes.TryHold(Read($"<presence from='a@b/2'><status>{new string('x', 500)}</status></presence>"), null, Now, out _);
        Assert.True(byBytes.IsFull);
    }

    private static Stanza Read(string xml)
    {
        Assert.True(Stanza.TryRead(TestXml.Read(xml), out var stanza, out _));
        return stanza;
    }
}
