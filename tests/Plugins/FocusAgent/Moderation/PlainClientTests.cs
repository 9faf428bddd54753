using Parley.Media.Control;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>One-to-one clients, which have no field for a password and no view of a lobby.</summary>
public sealed class PlainClientTests : IAsyncLifetime
{
    private readonly CallLab _lab = new();
    private readonly Client _dan;
    private Client _ann = null!;

    public PlainClientTests()
    {
        _dan = new Client(_lab, "dan@example.org/dino");
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
    }

    public async ValueTask InitializeAsync() => _ann = await new Client(_lab, "ann@example.org/page").JoinAsync();

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task It_is_asked_for_the_password_by_message_and_gives_it_so()
    {
        await SayAsync(p => p.Add("password", w => w.Text("correct horse")));
        Assert.Equal("result", (await CallAsync()).Type);
        Assert.Equal(JingleCondition.Decline, _dan.Ended!.Condition);
        Assert.Contains("send it here as a message", Said[^1], StringComparison.Ordinal);
        await WriteAsync("battery staple");
        Assert.Equal("That is not the password of this room.", Said[^1]);
        await WriteAsync(" correct horse ");
        Assert.StartsWith("Thank you", Said[^1], StringComparison.Ordinal);
        _dan.Sid = "second";
        await CallAsync();
        Assert.Single(_dan.Of(JingleAction.SessionAccept));

        // It counts for a while, and no longer than the password.
        var eve = new Client(_lab, "eve@example.org/dino");
        await WriteAsync("correct horse", eve);
        await SayAsync(p => p.Add("password", w => w.Text("another")));
        await CallAsync(eve);
        Assert.Equal(JingleCondition.Decline, eve.Ended!.Condition);
        await WriteAsync("another", eve);
        await _lab.AdvanceAsync(TimeSpan.FromMinutes(6));
        eve.Sid = "second of eve";
        await CallAsync(eve);
        Assert.Equal(JingleCondition.Decline, eve.Ended!.Condition);
    }

    [Fact]
    public async Task Messages_do_not_make_guessing_faster()
    {
        await SayAsync(p => p.Add("password", w => w.Text("correct horse")));
        for (var i = 0; i < 5; i++) await WriteAsync($"guess {i}");
        await WriteAsync("correct horse");
        Assert.Equal(StanzaCondition.ResourceConstraint, StanzaError.Of(_dan.Inbox.OfType<Message>().Last()).Condition);
    }

    [Fact]
    public async Task A_room_without_a_password_takes_no_messages()
    {
        await WriteAsync("hello");
        Assert.True(_dan.Inbox.OfType<Message>().Single().IsError);
    }

    [Fact]
    public async Task In_the_lobby_it_rings_for_a_minute()
    {
        await SayAsync(p => p.Attr("lobby", "true"));
        Assert.Equal("result", (await CallAsync()).Type);
        Assert.Equal("ringing", Assert.Single(_dan.Of(JingleAction.SessionInfo)).Extras[0].Name);
        await _lab.AdvanceAsync(TimeSpan.FromSeconds(61));
        Assert.Equal(JingleCondition.Timeout, _dan.Ended!.Condition);
        Assert.Equal("Nobody let you in.", Said[^1]);

        _dan.Sid = "second";
        await CallAsync();
        await _ann.ModerateAsync("admit", ("everybody", "true"));
        Assert.Single(_dan.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public async Task It_is_told_in_words_what_was_done_to_it()
    {
        await CallAsync();
        var endpoint = _lab.Relay.Endpoints.Single(e => e.Forwarders.Any(f => f.Feed == ForwarderFeed.Mix));
        await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, endpoint.Transports[0].Id));
        await _lab.TickAsync();
        var id = _ann.State.Users[1].Endpoint;
        await _ann.ModerateAsync("mute", ("participant", id), ("held", "true"));
        Assert.Equal("Ann muted your microphone. Only moderators can lift that.", Said[^1]);
        Assert.DoesNotContain(_lab.Relay.Endpoints.Single(e => e.Id == endpoint.Id).Tracks, t => t.Kind == MediaKind.Audio);
        await _ann.ModerateAsync("kick", ("participant", id));
        Assert.Equal("Ann removed you from the call.", Said[^1]);
        Assert.Equal((JingleCondition.Decline, "Ann removed you from the call."), (_dan.Ended!.Condition, _dan.Ended.Text));
        _dan.Sid = "second";
        await CallAsync();
        Assert.Equal(JingleCondition.Decline, _dan.Ended!.Condition);
    }

    private IReadOnlyList<string> Said => SaidTo(_dan);

    private static List<string> SaidTo(Client client) => [.. client.Inbox.OfType<Message>().Where(m => m.Type == "chat").Select(m => m.Body!)];

    private Task<Iq> CallAsync(Client? who = null) => (who ?? _dan).AskAsync(MixedLegTests.OfferOf((who ?? _dan).Sid));

    private Task WriteAsync(string body, Client? who = null) =>
        _lab.SayAsync(new Message(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", (who ?? _dan).Jid.ToString()).Attr("to", Client.RoomAddress).Add("body", b => b.Text(body))));

    private async Task SayAsync(Func<Element, Element> change) => Assert.Equal("result", (await _ann.AskAsync(change(new Element("policy", ModerationNames.Namespace)))).Type);
}
