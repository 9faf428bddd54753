using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>Group calls by XEP-0272 in a chat room: each client has one session, with the focus.</summary>
public sealed class MujiStarTests : IAsyncLifetime
{
    private static readonly Jid ChatRoom = "tea@rooms.example.org";
    private readonly CallLab _lab = new(new FocusAgentOptions { MujiExcept = ["quiet@rooms.example.org", "rooms.elsewhere.org"] });
    private readonly Client _dan, _eve;

    public MujiStarTests()
    {
        (_dan, _eve) = (new Client(_lab, "dan@example.org/dino"), new Client(_lab, "eve@example.org/dino"));
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
    }

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public void The_focus_stands_in_with_both_contents_by_the_numbers_that_clients_know()
    {
        var who = _lab.Star.Choose(ChatRoom)!;
        Assert.Equal("tea@calls.example.org/focus", who.Jid.ToString());
        Assert.True(who.Payload.Is(_lab.Star.Name, _lab.Star.Namespace));
        var codecs = who.Payload.ChildrenNamed("content", Ns.Jingle).Select(c => (c["name"], c.Child("description", Ns.JingleRtp)!.Child("payload-type")!));
        Assert.Equal([("audio", "111", "opus"), ("video", "98", "VP8")], codecs.Select(c => (c.Item1, c.Item2["id"], c.Item2["name"])));
    }

    [Theory]
    [InlineData("Star", "tea@rooms.example.org", true)]
    [InlineData("Star", "quiet@rooms.example.org", false)]
    [InlineData("Star", "tea@rooms.elsewhere.org", false)]
    [InlineData("Mesh", "tea@rooms.example.org", false)]
    [InlineData("Mesh", "quiet@rooms.example.org", true)]
    public void Star_or_mesh_is_a_setting_with_exceptions(string mode, string room, bool isStar)
    {
        _lab.Options.Muji = Enum.Parse<MujiMode>(mode);
        Assert.Equal(isStar, _lab.Star.Choose(room) is not null);
    }

    [Fact]
    public void Without_a_mixer_clients_call_one_another()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = false };
        Assert.Null(_lab.Star.Choose(ChatRoom));
    }

    [Fact]
    public async Task Who_announces_the_call_has_one_session_with_everybodys_mix_and_is_seen_by_the_call_pages()
    {
        var ann = await new Client(_lab, "ann@example.org/page").JoinAsync();
        await EnterAsync(_dan);
        await EnterAsync(_eve);
        await _lab.TickAsync();

        Assert.Equal(["Ann", "dan", "eve"], ann.State.Users.Select(u => u.DisplayText));
        var endpoints = _lab.Relay.Endpoints.Where(e => e.Forwarders.Any(f => f.Feed == ForwarderFeed.Mix)).ToList();
        Assert.Equal(2, endpoints.Count);
        Assert.All(endpoints, e => Assert.Equal([("audio", ForwarderFeed.Mix), ("video", ForwarderFeed.Speaker)], e.Forwarders.Select(f => (f.Id, f.Feed))));
        Assert.Empty(_dan.States);
    }

    [Fact]
    public async Task Who_does_not_announce_the_call_in_that_chat_room_is_refused()
    {
        Client.AssertError(StanzaCondition.Forbidden, await _dan.AskAsync(Offer(_dan)));
        _lab.Star.OnSaying("other@rooms.example.org", _dan.Jid);
        Client.AssertError(StanzaCondition.Forbidden, await _dan.AskAsync(Offer(_dan)));
        _lab.Star.OnSaying(ChatRoom, _dan.Jid);
        Client.AssertError(StanzaCondition.Forbidden, await _dan.AskAsync(Offer(_dan, "other@rooms.example.org")));
        Client.AssertError(StanzaCondition.Forbidden, await _dan.AskAsync(Offer(_dan, "@")));
        Client.AssertError(StanzaCondition.Forbidden, await _eve.AskAsync(Offer(_eve)));
        Assert.Equal("result", (await _dan.AskAsync(Offer(_dan))).Type);
        Assert.Single(_dan.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public async Task Who_is_out_of_the_chat_room_is_out_of_the_call_and_nobody_else()
    {
        await EnterAsync(_dan);
        await EnterAsync(_eve);
        _lab.Star.OnSilent(ChatRoom, _dan.Jid);
        await CallLab.EventuallyAsync(() => _dan.Of(JingleAction.SessionTerminate).Count == 1);

        Assert.Equal(JingleCondition.Success, _dan.Of(JingleAction.SessionTerminate)[0].Reason!.Condition);
        Assert.Empty(_eve.Of(JingleAction.SessionTerminate));
        _dan.Sid = "again";
        Client.AssertError(StanzaCondition.Forbidden, await _dan.AskAsync(Offer(_dan)));
        Assert.Equal(1, _lab.MujiCallers.Count);
    }

    [Fact]
    public async Task A_call_of_the_same_client_that_is_none_of_the_chat_rooms_goes_on()
    {
        await _dan.AskAsync(Offer(_dan, null));
        _lab.Star.OnSaying(ChatRoom, _dan.Jid);
        _lab.Star.OnSilent(ChatRoom, _dan.Jid);
        await _lab.SettleAsync();
        Assert.Empty(_dan.Of(JingleAction.SessionTerminate));
    }

    // Section 6 of the design: guests while an account is there. Whom a chat room lets in from elsewhere comes by the same rule.
    [Theory]
    [InlineData(SenderKind.Guest)]
    [InlineData(SenderKind.Remote)]
    public async Task Others_than_accounts_come_while_an_account_is_there(SenderKind kind)
    {
        var zoe = new Client(_lab, "zoe@elsewhere.org/dino") { Kind = kind };
        _lab.Star.OnSaying(ChatRoom, zoe.Jid);
        Client.AssertError(StanzaCondition.Forbidden, await zoe.AskAsync(Offer(zoe)));
        await EnterAsync(_dan);
        Assert.Equal("result", (await zoe.AskAsync(Offer(zoe))).Type);
        Assert.Single(zoe.Of(JingleAction.SessionAccept));
    }

    [Fact]
    public void The_settings_are_judged()
    {
        Assert.Empty(FocusAgentOptions.Validate(_lab.Options));
        Assert.Contains("MujiExcept:0", Assert.Single(FocusAgentOptions.Validate(new FocusAgentOptions { MujiExcept = ["a@b/c"] })), StringComparison.Ordinal);
        Assert.Contains("Muji:", Assert.Single(FocusAgentOptions.Validate(new FocusAgentOptions { Muji = (MujiMode)7 })), StringComparison.Ordinal);
    }

    private async Task EnterAsync(Client client)
    {
        _lab.Star.OnSaying(ChatRoom, client.Jid);
        Assert.Equal("result", (await client.AskAsync(Offer(client))).Type);
        var endpoint = _lab.Relay.Endpoints[^1];
        foreach (var transport in endpoint.Transports) await _lab.TellAsync(new TransportConnected(_lab.Relay.Epoch, _lab.Relay.ConferenceOf(endpoint.Id), endpoint.Id, transport.Id));
    }

    private static Element Offer(Client client, string? room = "tea@rooms.example.org")
    {
        var offer = MixedLegTests.OfferOf(client.Sid);
        return room is null ? offer : offer.Add(new Element("muji", Ns.Muji).Attr("room", room));
    }
}
