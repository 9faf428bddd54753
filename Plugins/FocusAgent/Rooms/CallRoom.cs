using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Legs.Muji;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>
/// A live call room: one conference, its legs, and what they say. Everything happens in its mailbox, one piece of work at a time; after each the room settles:
/// the relay gets what changed, then clients are told.
/// </summary>
public sealed class CallRoom
{
    private readonly FocusServices _services;
    private readonly Mailbox _mailbox = new();
    private readonly Conference _conference = new();
    private readonly Outbox _outbox;
    private readonly Doorway _doorway;
    private readonly RingDesk _rings;
    private readonly RelayLink _relay;
    private readonly RoomVoice _voice;
    private readonly Lobby _lobby;
    private readonly ModerationActs _acts;
    private readonly Keypad _keypad;
    private readonly ChatRoomBond _bond;
    private readonly GuestList _guests;
    private readonly Predicate<CallRoom> _retire;

    /// <summary>Opens a room.</summary>
    /// <param name="address">Its bare address.</param>
    /// <param name="services">What it works with.</param>
    /// <param name="rules">What its moderation goes by.</param>
    /// <param name="recordings">All recordings.</param>
    /// <param name="retire">Asked when nobody is left: true if nobody is about to come either, and the room ends.</param>
    public CallRoom(Jid address, FocusServices services, HouseRules rules, RecordingBook recordings, Predicate<CallRoom> retire)
    {
        (Address, _services, _retire) = (address, services, retire);
        _outbox = new Outbox(services.Router, services.Iqs, services.Clock, async work => await PostAsync(work), services.Logger);
        Moderation = new RoomModeration(address, services, rules, _conference);
        _lobby = new Lobby(services, _conference, Moderation, _outbox);
        _doorway = new Doorway(services, _conference, Moderation, _lobby, _outbox);
        _rings = new RingDesk(address, services, _conference, Moderation, _outbox);
        _relay = new RelayLink(RelayId, services, _conference, End, () => Recorder!.Refuse());
        Recorder = new RoomRecorder(address, RelayId, services, recordings, _conference, _outbox);
        _voice = new RoomVoice(address, _conference, new ModerationView(_conference, Moderation, _lobby, Recorder), Recorder, _outbox, services.Clock);
        _acts = new ModerationActs(_conference, Moderation, _doorway, _lobby, End);
        _keypad = new Keypad(_conference, _acts);
        _bond = new ChatRoomBond(address, services, rules.Ties, _conference, _doorway, _rings, _acts, work => PostAsync(work));
        _guests = new GuestList(address, services.Guests, _conference, _doorway);
        Completion = Task.Run(_mailbox.RunAsync);
    }

    /// <summary>The bare address.</summary>
    public Jid Address { get; }

    /// <summary>The conference's id in the relay: new each time, so that a room that ends and begins again does not meet itself.</summary>
    public string RelayId { get; } = Ids.New();

    /// <summary>Ends when the room has ended.</summary>
    public Task Completion { get; }

    /// <summary>Who moderates; only as work.</summary>
    public RoomModeration Moderation { get; }

    /// <summary>Whether it is recorded; only as work.</summary>
    public RoomRecorder Recorder { get; }

    /// <summary>Who is there, with ids; only as work.</summary>
    public IReadOnlyList<Participant> Participants => _conference.Participants;

    /// <summary>Who waits to be let in; only as work.</summary>
    public IReadOnlyList<PendingCall> Waiting => _lobby.Callers;

    /// <summary>How many are there, for status.</summary>
    public int ParticipantCount { get; private set; }

    /// <summary>How many there are of each kind, for status.</summary>
    public IReadOnlyDictionary<string, int> Kinds { get; private set; } = new Dictionary<string, int>();

    /// <summary>How many wait to be let in, for status.</summary>
    public int WaitingCount { get; private set; }

    /// <summary>Adds work, done in order.</summary>
    /// <returns>False if the room has ended.</returns>
    public ValueTask<bool> PostAsync(Action work, CancellationToken ct = default) => _mailbox.PostAsync(() => DoAsync(work), ct);

    /// <summary>Takes a Jingle request; only as work.</summary>
    public void OnJingle(Iq iq, JingleMessage message, Caller caller)
    {
        var leg = _conference.Legs.OfType<JingleLeg>().FirstOrDefault(l => l.Peer == iq.From && l.Has(message.Sid));
        try
        {
            if (leg is null && message.Action == JingleAction.SessionInitiate && _doorway.Find(iq.From!, message.Sid) is null)
            {
                if (_doorway.Initiate(iq, message, caller) is { } refusal)
                {
                    _outbox.Send(iq.ErrorReply(refusal));
                    return;
                }

                _rings.Yield(iq.From!);
                if (caller.Tie is not null) _bond.Confirm(iq.From!.Bare);
                return;
            }

            var error = leg is not null ? Take(leg, message) : _doorway.Find(iq.From!, message.Sid) is { } pending ? _doorway.Keep(pending, message) : JingleErrors.UnknownSession();
            _outbox.Send(error is null ? iq.Result() : iq.ErrorReply(error));
        }
        catch (Exception e)
        {
            // A fault of ours ends the leg that ran into it and nobody else's.
            _services.Logger.LogError(e, "A Jingle request could not be handled.");
            _outbox.Send(iq.ErrorReply(new StanzaError(StanzaCondition.InternalServerError)));
            if (leg is not null) End(leg, LegEnd.Fault);
        }
    }

    /// <summary>Brings a tool in; only as work.</summary>
    /// <param name="leg">Its leg.</param>
    /// <param name="by">Who brings it; null for the operator.</param>
    public void OnTool(ToolLeg leg, ToolOwner? by)
    {
        // A tool hears and sees what its owner would: it gets in where they would without being asked anything.
        var verdict = by is null ? Verdict.Pass : Moderation.Judge(by.Caller, by.Address, by.Address.Bare.ToString(), isIn: false, password: null);
        if (verdict.Error is not null || verdict.Waits) leg.Refuse(verdict.Error?.Text ?? "Whoever enters this room is let in by a moderator.");
        else if (_doorway.IsFull) leg.Refuse(RelayFault.ResourceConstraint);
        else _conference.Add(leg);
    }

    /// <summary>Takes a tool out; only as work.</summary>
    public void OnToolEnd(ToolLeg leg) => End(leg, LegEnd.Left);

    /// <summary>Takes a line of chat; only as work.</summary>
    public void OnChat(Message message) => _voice.Take(message);

    /// <summary>Takes what a moderator does; only as work.</summary>
    /// <returns>The error to answer; null when done.</returns>
    public StanzaError? OnAct(Iq iq, Element act, SenderKind kind, ChatRoomStanding? standing) => _acts.Take(iq, act, kind, standing);

    /// <summary>What holds in the room is another now; only as work.</summary>
    public void OnPolicyChanged() => _conference.Touch();

    /// <summary>Somebody is something else to the chat room that the call is tied to; only as work.</summary>
    public void OnChatRoom(Jid account, ChatRoomStanding standing, bool isPutOut) => _bond.Take(account, standing, isPutOut);

    /// <summary>The chat room that the call is tied to is gone; only as work.</summary>
    public void OnChatRoomDestroyed() => _acts.EndAll("The chat room of this call was closed.");

    /// <summary>Calls people into the room, and takes what they say; only as work.</summary>
    public RingDesk Rings => _rings;

    /// <summary>Whether somebody is in the call with that full address; only as work.</summary>
    public bool Has(Jid peer) => _conference.Legs.Any(l => l.Peer == peer);

    /// <summary>Chooses what somebody's one-to-one clients see; only as work.</summary>
    /// <param name="who">The full address that asks: it alone where it is in the call, else all of its account.</param>
    /// <param name="picture">What is to be seen.</param>
    public ViewResult OnView(Jid who, MixedVideo picture)
    {
        var legs = ReceiversOf(who);
        if (legs.Count == 0) return ViewResult.Absent;
        return legs.All(l => l.Slots.Choose(picture)) ? ViewResult.Done : ViewResult.Impossible;
    }

    /// <summary>What somebody's one-to-one clients see; null if there are none. Only as work.</summary>
    public MixedVideo? ViewOf(Jid who) => ReceiversOf(who).FirstOrDefault()?.Slots.Picture;

    /// <summary>Takes an event of the relay; only as work.</summary>
    public void OnRelayEvent(RelayEvent happened)
    {
        _relay.Take(happened);
        if (happened is KeyPressed pressed) _keypad.Take(pressed);
    }

    /// <summary>A client no longer announces the call in its chat room, or was put out of it; only as work.</summary>
    public void OnMujiSilent(Jid client)
    {
        foreach (var leg in _conference.Legs.OfType<MujiLeg>().Where(l => l.Peer == client).ToList()) End(leg, LegEnd.Left);
        foreach (var caller in _lobby.Callers.Where(c => c.IsMuji && c.Call.Peer == client).ToList()) _lobby.TurnAway(caller, JingleCondition.Cancel, null);
    }

    /// <summary>The relay is gone; only as work.</summary>
    public void OnRelayGone() => EndAll(LegEnd.RelayLost);

    /// <summary>Ends everything; only as work.</summary>
    public void EndAll(LegEnd why)
    {
        _doorway.Close(Reasons.Of(why));
        _rings.Close();
        foreach (var leg in _conference.Legs.ToList()) End(leg, why);
    }

    /// <summary>Whether nobody is there and nobody waits.</summary>
    public bool IsEmpty => _conference.Participants.Count == 0 && !_doorway.IsBusy && !_rings.IsBusy;

    private async ValueTask DoAsync(Action work)
    {
        try
        {
            work();
            await SettleAsync();
        }
        catch (Exception e)
        {
            // The room's state can no longer be trusted: it ends, the others go on.
            _services.Logger.LogError(e, "A conference failed and ends.");
            EndAll(LegEnd.Fault);
            await EndFailedAsync();
        }

        _guests.Update();
        (ParticipantCount, WaitingCount) = (_conference.Participants.Count, _lobby.Callers.Count);
        Kinds = _conference.Participants.CountBy(p => p.Current.Kind).ToDictionary();
        if (!IsEmpty || !_retire(this)) return;
        Recorder.Close();
        await _relay.EndAsync();
        _mailbox.Close();
        _outbox.Close();
    }

    // What made it fail may do so again. It is over nevertheless: with an exception in its mailbox its name would be of no use to anybody until the server starts anew.
    private async ValueTask EndFailedAsync()
    {
        try
        {
            await _relay.SynchroniseAsync();
        }
        catch (Exception e)
        {
            _services.Logger.LogError(e, "A conference that failed could not be ended leg by leg in the relay.");
        }

        await _outbox.FlushAsync(CancellationToken.None);
    }

    private async ValueTask SettleAsync()
    {
        foreach (var leg in _conference.Legs.OfType<JingleLeg>().Where(l => l.IsDisowned).ToList()) End(leg, null);
        _rings.Review();
        foreach (var (leg, why) in _rings.TakeOver()) End(leg, why);
        Supersede();
        Recorder.Update();
        await _relay.SynchroniseAsync();
        foreach (var leg in _conference.Legs) leg.Signal(_conference);
        _doorway.Sweep();
        _voice.Speak();
        _guests.Update(); // before they hear that they are in, since their TURN clients go on at once
        await _outbox.FlushAsync(CancellationToken.None);
    }

    // A newer leg whose media is up takes over; one that was itself replaced before it came up never will.
    private void Supersede()
    {
        foreach (var participant in _conference.Participants.Where(p => p.Legs.Count > 1).ToList())
        {
            var latest = participant.Legs.FindLastIndex(l => l.IsConnected);
            foreach (var old in participant.Legs.Where((l, i) => l != participant.Current && (i < latest || !l.IsConnected)).ToList()) End(old, LegEnd.Superseded);
        }
    }

    private List<IMixedReceiver> ReceiversOf(Jid who)
    {
        var all = _conference.Legs.OfType<MixedLeg>().Where(l => l.Peer.Bare == who.Bare).ToList();
        return [.. all.Exists(l => l.Peer == who) ? all.Where(l => l.Peer == who) : all];
    }

    private StanzaError? Take(JingleLeg leg, JingleMessage message)
    {
        if (!leg.IsEnd(message)) return leg.Take(message);
        End(leg, null);
        return null;
    }

    private void End(Leg leg, LegEnd? why)
    {
        if (!_conference.Remove(leg)) return;
        _rings.OnEnded(leg, why);
        if (why == LegEnd.Removed && leg.Participant.Legs.Count == 0) _services.Figures.CountRemoved();
        if (why is { } say) leg.Close(say);
        else leg.Hush();
    }
}
