using Microsoft.Extensions.Time.Testing;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>One participant that floods a room waits; nobody else does.</summary>
public sealed class CallerPaceTests
{
    [Fact]
    public async Task A_participant_that_floods_is_slowed_and_others_are_not()
    {
        await using var lab = new CallLab(burst: 50);
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync(nick: "Bob");
        var taken = 0;
        // As the server gives them to the component: one after another, the next once the last was taken.
        var flood = Task.Run(async () =>
        {
            for (var i = 0; i < 200; i++)
            {
                var info = new JingleMessage(JingleAction.SessionInfo, ann.Sid).ToElement();
                await lab.Component.OnStanzaAsync(Iq.Request("set", $"flood{i}", ann.Jid, ann.Room, info), new StanzaContext(StanzaPoint.FromLocalSession, new SenderInfo(SenderKind.Account, "s1"), "example.org"), CancellationToken.None);
                Interlocked.Increment(ref taken);
            }
        }, TestContext.Current.CancellationToken);
        await CallLab.EventuallyAsync(() => taken >= 40); // a call costs ten
        await lab.SettleAsync();
        Assert.InRange(taken, 40, 50);

        // Bob is answered meanwhile, without any time passing.
        Assert.Equal("result", (await bob.AskAsync(new JingleMessage(JingleAction.SessionInfo, bob.Sid))).Type);
        Assert.False(flood.IsCompleted);

        var before = Volatile.Read(ref taken);
        for (var i = 0; i < 20; i++) await lab.AdvanceAsync(TimeSpan.FromMilliseconds(100));
        Assert.InRange(taken - before, 2 * CallerPaces.Rate - 10, 2 * CallerPaces.Rate + 2);
        while (!flood.IsCompleted) await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        await flood;
        Assert.Equal(200, lab.Sent.OfType<Iq>().Count(i => i.To == ann.Jid && i.Id!.StartsWith("flood", StringComparison.Ordinal) && !i.IsError)); // slowed, and nothing lost
    }

    [Fact]
    public async Task What_is_large_costs_more()
    {
        var clock = new FakeTimeProvider();
        var paces = new CallerPaces(clock, burst: 20);
        var large = Say("ann@example.org/web", new string('x', 250_000));
        await WaitAsync(paces, large);
        var second = WaitAsync(paces, large);
        Assert.False(second.IsCompleted);
        clock.Advance(TimeSpan.FromSeconds(2));
        await second.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
    }

    [Fact]
    public void The_memory_of_senders_is_bounded_and_a_crowd_shares()
    {
        var clock = new FakeTimeProvider();
        var paces = new CallerPaces(clock, burst: 2);
        for (var i = 0; i < CallerPaces.MaxSenders; i++) Assert.True(WaitAsync(paces, Say($"u{i}@example.org/x")).IsCompletedSuccessfully);
        Assert.True(WaitAsync(paces, Say("a@example.org/x")).IsCompletedSuccessfully);
        Assert.True(WaitAsync(paces, Say("b@example.org/x")).IsCompletedSuccessfully);
        Assert.False(WaitAsync(paces, Say("c@example.org/x")).IsCompleted);
        Assert.True(WaitAsync(paces, Say("u5@example.org/x")).IsCompletedSuccessfully); // who was there has its own
        clock.Advance(TimeSpan.FromSeconds(10)); // everybody is idle now and is forgotten
        for (var i = 0; i < 3; i++) Assert.Equal(i < 2, WaitAsync(paces, Say("d@example.org/x")).IsCompletedSuccessfully);
        Assert.True(WaitAsync(paces, Say("e@example.org/x")).IsCompletedSuccessfully);
    }

    private static Task WaitAsync(CallerPaces paces, Message message) => paces.WaitAsync(message, TestContext.Current.CancellationToken).AsTask();

    private static Message Say(string from, string body = "") =>
        new(new Element("message", "jabber:client").Attr("from", from).Attr("to", Client.RoomAddress).Add("body", b => b.Text(body)));
}
