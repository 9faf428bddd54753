using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.tests.Plugins.FocusAgent.Moderation;

/// <summary>Calls that are tied to chat rooms.</summary>
public sealed class ChatRoomTests : IAsyncLifetime
{
    private static readonly ChatRoomStanding There = new(true, false, false, true), Away = new(false, false, false, true), Moderator = new(true, true, true, true), MemberAway = new(false, true, false, true);
    private readonly FakeChatRooms _chats = new();
    private CallLab _lab;

    public ChatRoomTests() => _lab = Lab(new FocusAgentOptions { ChatRooms = ChatRoomEntry.Occupants });

    public ValueTask InitializeAsync() => default;

    public ValueTask DisposeAsync() => _lab.DisposeAsync();

    [Fact]
    public async Task Only_those_who_are_in_the_chat_room_may_be_in_the_call()
    {
        _chats.Set("ann", There);
        await Person("ann").JoinAsync();
        var error = await Person("ben").CallAsync();
        Client.AssertError(StanzaCondition.Forbidden, error);
        Assert.Equal("chat-room", StanzaError.Of(error).Application!.Name);
        _chats.Set("ben", There);
        await Person("ben").JoinAsync();
    }

    // Anybody may make a chat room of that name: what was recorded before the call is not theirs. The operator's tie says whose it is.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_moderates_a_chat_room_has_the_recordings_of_calls_before_only_where_the_operator_tied_it(bool isTied)
    {
        if (isTied) await UseAsync(new FocusAgentOptions { Rooms = { ["tea"] = new RoomOptions { ChatRoom = FakeChatRooms.Tea } } });
        var begun = _lab.Clock.GetUtcNow();
        _chats.Set("mod", There with { IsModerator = true });
        var mod = await Person("mod").JoinAsync();
        Assert.Equal(isTied ? DateTimeOffset.UnixEpoch : begun, await _lab.Desk.SinceAsync(mod.Room, mod.Jid, mod.Kind, TestContext.Current.CancellationToken));
    }

    // A moderator's invitation lets in who is not there; who was put out meanwhile is not to be let in by it.
    [Theory]
    [InlineData("dan@example.org", "ann")]
    [InlineData("example.org", "ann")]
    [InlineData("dan@example.org", "mod")]
    [InlineData("example.org", "mod")]
    public async Task Who_is_called_and_put_out_of_the_chat_room_meanwhile_is_called_no_longer(string whom, string asker)
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
        _chats.Set("ann", There);
        _chats.Set("mod", Moderator);
        _chats.Set("dan", There);
        await Person(asker).JoinAsync();
        var tie = await _lab.Moderation.LookAsync(Jid.Parse(Client.RoomAddress), Jid.Parse("dan@example.org"), TestContext.Current.CancellationToken);
        RingState? state = null;
        await _lab.Rooms.PostAsync(Jid.Parse(Client.RoomAddress), mayOpen: false, r => state = r.Rings.Call(Jid.Parse("dan@example.org"), Jid.Parse($"{asker}@example.org/page"), withVideo: false, new Caller(SenderKind.Account, Tie: tie)), TestContext.Current.CancellationToken);
        await _lab.SettleAsync();
        Assert.Equal(RingState.Calling, state);
        _chats.Set("dan", Away);
        _lab.Watcher.Changed(FakeChatRooms.Tea, Jid.Parse(whom), Away, isPutOut: true);
        await _lab.SettleAsync();
        Assert.Contains(_lab.Sent.OfType<Message>(), m => m.To == "dan@example.org" && m.Element.Child("retract", Ns.JingleMessage) is not null);
    }

    // The chat room names them itself: its word of the whole domain is not of them.
    [Fact]
    public async Task Who_is_called_and_a_member_is_called_on_though_their_domain_is_banned()
    {
        _lab.Relay.Capabilities = _lab.Relay.Capabilities with { HasMixer = true };
        _chats.Set("ann", There);
        _chats.Set("dan", There);
        await Person("ann").JoinAsync();
        var tie = await _lab.Moderation.LookAsync(Jid.Parse(Client.RoomAddress), Jid.Parse("dan@example.org"), TestContext.Current.CancellationToken);
        await _lab.Rooms.PostAsync(Jid.Parse(Client.RoomAddress), mayOpen: false, r => r.Rings.Call(Jid.Parse("dan@example.org"), Jid.Parse("ann@example.org/page"), withVideo: false, new Caller(SenderKind.Account, Tie: tie)), TestContext.Current.CancellationToken);
        _lab.Watcher.Changed(FakeChatRooms.Tea, Jid.Parse("example.org"), Away, isPutOut: true);
        await _lab.SettleAsync();
        Assert.DoesNotContain(_lab.Sent.OfType<Message>(), m => m.To == "dan@example.org" && m.Element.Child("retract", Ns.JingleMessage) is not null);
    }

    [Fact]
    public async Task A_call_room_without_a_chat_room_of_its_name_is_tied_to_none()
    {
        await Person("ann").JoinAsync();
        await Person("ben").JoinAsync();
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Who_is_put_out_or_leaves_is_out_of_the_call_at_once(bool isPutOut)
    {
        _chats.Set("ann", There);
        _chats.Set("ben", There);
        var (ann, ben) = (await Person("ann").JoinAsync(), await Person("ben").JoinAsync());
        _chats.Set("ben", Away);
        _lab.Watcher.Changed(FakeChatRooms.Tea, ben.Jid.Bare, Away, isPutOut);
        await _lab.SettleAsync();
        Assert.Equal((JingleCondition.Decline, "You are no longer in tea@rooms.example.org."), (ben.Ended!.Condition, ben.Ended.Text));
        Assert.Null(ann.Ended);
        Assert.Single(_lab.Relay.Endpoints);
        Client.AssertError(StanzaCondition.Forbidden, await Person("ben").CallAsync());
    }

    [Fact]
    public async Task Who_was_put_out_and_is_there_again_already_is_out_of_the_call_and_may_call_again()
    {
        _chats.Set("ben", There);
        var ben = await Person("ben").JoinAsync();
        _lab.Watcher.Changed(FakeChatRooms.Tea, ben.Jid.Bare, There, isPutOut: true);
        await _lab.SettleAsync();
        Assert.NotNull(ben.Ended);
        await Person("ben").JoinAsync();
    }

    [Fact]
    public async Task Who_is_put_out_while_the_call_is_on_its_way_is_out_once_it_arrives()
    {
        _chats.Set("ann", There);
        _chats.Set("ben", There);
        await Person("ann").JoinAsync();
        // Asked at the door, still there; by the second look, no more. What was told in between found nobody in the call.
        _chats.AfterFirst["ben@example.org"] = Away;
        var ben = Person("ben");
        await ben.CallAsync();
        await _lab.SettleAsync();
        Assert.NotNull(ben.Ended);
        Assert.Single(_lab.Relay.Endpoints);
    }

    [Fact]
    public async Task Its_moderators_moderate_and_who_came_first_does_not()
    {
        _chats.Set("ann", There);
        _chats.Set("mod", Moderator);
        var (ann, mod) = (await Person("ann").JoinAsync(), await Person("mod").JoinAsync());
        Client.AssertError(StanzaCondition.Forbidden, await ann.ModerateAsync("kick", ("participant", mod.ParticipantId)));
        Assert.Equal("result", (await mod.ModerateAsync("mute", ("participant", ann.ParticipantId))).Type);
        _chats.Set("other", Moderator); // in the chat room, and not in the call
        Assert.Equal("result", (await Person("other").ModerateAsync("unmute", ("participant", ann.ParticipantId))).Type);
        Client.AssertError(StanzaCondition.NotAllowed, await Person("other").ModerateAsync("kick", ("participant", mod.ParticipantId)));
        _chats.Set("mod", There);
        _lab.Watcher.Changed(FakeChatRooms.Tea, mod.Jid.Bare, There, isPutOut: false);
        Client.AssertError(StanzaCondition.Forbidden, await mod.ModerateAsync("kick", ("participant", ann.ParticipantId)));
    }

    [Fact]
    public async Task Who_has_no_voice_there_has_none_here()
    {
        _chats.Set("ann", There with { HasVoice = false });
        var ann = await Person("ann").JoinAsync();
        Assert.Empty(ann.Endpoint.Tracks);
        _lab.Watcher.Changed(FakeChatRooms.Tea, ann.Jid.Bare, There, isPutOut: false);
        await _lab.SettleAsync();
        Assert.Equal(2, ann.Endpoint.Tracks.Count);
    }

    [Fact]
    public async Task With_its_chat_room_the_call_ends()
    {
        _chats.Set("ann", There);
        var ann = await Person("ann").JoinAsync();
        _lab.Watcher.Destroyed(FakeChatRooms.Tea);
        await _lab.SettleAsync();
        Assert.Equal(JingleCondition.Gone, ann.Ended!.Condition);
    }

    [Fact]
    public async Task Members_may_be_in_the_call_whether_or_not_they_are_there_where_the_operator_says_so()
    {
        await UseAsync(new FocusAgentOptions { Rooms = { ["tea"] = new RoomOptions { ChatRoom = FakeChatRooms.Tea, ChatRoomEntry = ChatRoomEntry.Members } } });
        _chats.Set("ann", MemberAway);
        _chats.Set("ben", There);
        var ann = await Person("ann").JoinAsync();
        Client.AssertError(StanzaCondition.Forbidden, await Person("ben").CallAsync());
        _lab.Watcher.Changed(FakeChatRooms.Tea, ann.Jid.Bare, MemberAway, isPutOut: false); // came and left
        await _lab.SettleAsync();
        Assert.Null(ann.Ended);
        _chats.Set("ann", Away);
        _lab.Watcher.Changed(FakeChatRooms.Tea, "example.org", Away, isPutOut: false); // the whole domain is banned
        await _lab.SettleAsync();
        Assert.NotNull(ann.Ended);
    }

    [Fact]
    public async Task A_tie_of_the_operators_holds_though_there_is_no_chat_room_or_it_cannot_be_asked()
    {
        await UseAsync(new FocusAgentOptions { Rooms = { ["tea@calls.example.org"] = new RoomOptions { ChatRoom = "club@rooms.example.org" } } });
        Client.AssertError(StanzaCondition.Forbidden, await Person("ann").CallAsync());
        _chats.Fails = true;
        Client.AssertError(StanzaCondition.Forbidden, await Person("ann").CallAsync());
        _lab.Chats = null;
        Client.AssertError(StanzaCondition.Forbidden, await Person("ann").CallAsync());
    }

    [Fact]
    public async Task Somebody_who_waits_in_the_lobby_and_leaves_the_chat_room_waits_no_more()
    {
        await UseAsync(new FocusAgentOptions { ChatRooms = ChatRoomEntry.Occupants, Rooms = { ["tea"] = new RoomOptions { Lobby = true } } });
        _chats.Set("ben", There);
        var ben = Person("ben");
        await ben.CallAsync();
        Assert.Equal("waiting", ben.Notices[0].Name);
        _lab.Watcher.Changed(FakeChatRooms.Tea, ben.Jid.Bare, Away, isPutOut: false);
        await _lab.SettleAsync();
        Assert.Equal(JingleCondition.Decline, ben.Ended!.Condition);
    }

    [Fact]
    public async Task Who_leaves_the_chat_room_while_asked_what_the_client_can_do_does_not_come_in()
    {
        _chats.Set("ann", There);
        _chats.Set("ben", There);
        await Person("ann").JoinAsync();
        var client = new AvClient(_lab, "ben@example.org/av", isBundling: true);
        client.Listen();
        var (others, asked) = (_lab.Answer, new TaskCompletionSource());
        _lab.Answer = async iq =>
        {
            if (iq.To == client.Wire.Jid) await asked.Task;
            return await others(iq);
        };
        await client.Wire.AskAsync(client.Offer());
        _chats.Set("ben", Away);
        _lab.Watcher.Changed(FakeChatRooms.Tea, client.Wire.Jid.Bare, Away, isPutOut: true);
        await _lab.SettleAsync();
        asked.SetResult();
        await _lab.SettleAsync();
        Assert.Empty(client.Wire.Of(JingleAction.SessionAccept));
        Assert.Equal(JingleCondition.Decline, client.Wire.Ended!.Condition);
        Assert.Single(_lab.Relay.Endpoints);
    }

    private Client Person(string name) => new(_lab, $"{name}@example.org/page");

    private CallLab Lab(FocusAgentOptions options) => new(options) { Chats = _chats };

    private async Task UseAsync(FocusAgentOptions options)
    {
        await _lab.DisposeAsync();
        _lab = Lab(options);
    }

    private sealed class FakeChatRooms : IChatRooms
    {
        public const string Tea = "tea@rooms.example.org";
        private readonly Dictionary<string, ChatRoomStanding> _standings = [];

        public Dictionary<string, ChatRoomStanding> AfterFirst { get; } = [];

        public bool Fails { get; set; }

        public void Set(string who, ChatRoomStanding standing) => _standings[$"{who}@example.org"] = standing;

        public string? DomainOf(string domain) => $"rooms.{domain}";

        public ValueTask<ChatRoomStanding?> FindAsync(Jid room, Jid account, CancellationToken ct = default)
        {
            if (Fails) throw new InvalidOperationException("It cannot be read.");
            if (room.ToString() != Tea || _standings.Count == 0) return new((ChatRoomStanding?)null);
            var standing = _standings.GetValueOrDefault(account.ToString()) ?? Away;
            if (AfterFirst.Remove(account.ToString(), out var then)) _standings[account.ToString()] = then;
            return new(standing);
        }
    }
}
