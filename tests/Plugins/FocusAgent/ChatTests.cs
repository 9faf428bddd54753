using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

public sealed class ChatTests
{
    [Fact]
    public async Task Chat_goes_to_all_and_newcomers_hear_the_last_of_it()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        for (var i = 0; i < 60; i++)
        {
            await lab.SayAsync(Says(ann, $"line {i}", $"m{i}"));
            lab.Clock.Advance(TimeSpan.FromSeconds(1));
        }

        var own = ann.Inbox.OfType<Message>().ToList();
        Assert.Equal(60, own.Count);
        Assert.Equal((ann.Room.WithResource(ann.ParticipantId), "line 0", "m0", "groupchat"), (own[0].From, own[0].Body, own[0].Id, own[0].Type));
        Assert.Equal("Ann", own[0].Element.Child("nick", Ns.Nick)!.Value);
        Assert.Null(own[0].Element.Child("delay", Ns.Delay));
        var bob = await new Client(lab, "bob@example.org/web").JoinAsync();
        var heard = bob.Inbox.OfType<Message>().ToList();
        Assert.Equal(Enumerable.Range(10, 50).Select(i => $"line {i}"), heard.Select(m => m.Body));
        Assert.Equal("2026-01-02T03:04:15.000Z", heard[0].Element.Child("delay", Ns.Delay)!["stamp"]);
        await lab.SayAsync(Says(new Client(lab, "eve@example.org/x"), "let me in", "e"));
        Assert.Equal(StanzaCondition.NotAcceptable, StanzaError.Of(lab.Sent[^1]).Condition);
        await lab.SayAsync(Says(ann, new string('x', ChatHistory.MaxLength + 1), "long"));
        Assert.Equal(StanzaCondition.PolicyViolation, StanzaError.Of(lab.Sent[^1]).Condition);
        Assert.Equal(50, bob.Inbox.OfType<Message>().Count());
    }

    [Fact]
    public async Task Who_talks_too_fast_is_told_to_wait()
    {
        await using var lab = new CallLab();
        var ann = await new Client(lab, "ann@example.org/web").JoinAsync();
        for (var i = 0; i <= Pace.Burst; i++) await lab.SayAsync(Says(ann, "spam", $"m{i}"));
        Assert.Equal((StanzaCondition.PolicyViolation, StanzaErrorType.Wait), (StanzaError.Of(lab.Sent[^1]).Condition, StanzaError.Of(lab.Sent[^1]).Type));
        await lab.AdvanceAsync(TimeSpan.FromSeconds(1));
        await lab.SayAsync(Says(ann, "calmly", "m"));
        Assert.Equal("calmly", ann.Inbox.OfType<Message>().Last().Body);
    }

    private static Message Says(Client client, string body, string id) => new(new Element("message", Ns.Client).Attr("type", "groupchat").Attr("from", client.Jid.ToString())
        .Attr("to", Client.RoomAddress).Attr("id", id).Add("body", b => b.Text(body)));
}
