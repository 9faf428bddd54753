using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>
/// Calls people into one room: by message to all of their clients (XEP-0353), and by a session-initiate to each client of an account here that knows calls but not by message. Whoever takes it first is in;
/// the others stop ringing. Used in the room's mailbox alone.
/// </summary>
/// <param name="room">The room.</param>
/// <param name="services">What it works with.</param>
/// <param name="conference">Who is in.</param>
/// <param name="moderation">Who may be.</param>
/// <param name="outbox">The way out.</param>
public sealed class RingDesk(Jid room, FocusServices services, Conference conference, RoomModeration moderation, Outbox outbox)
{
    /// <summary>The most people called at once.</summary>
    public const int MaxRings = 32;

    /// <summary>The most clients of one person that are called each by a session of its own.</summary>
    public const int MaxClients = 8;

    /// <summary>How long whoever has taken a call by message may take to answer the session that follows.</summary>
    public static readonly TimeSpan AnswerTime = TimeSpan.FromSeconds(30);

    private static readonly TimeSpan DiscoPatience = TimeSpan.FromSeconds(5);
    private readonly Jid _focus = room.WithResource(JmiDoor.Resource);
    private readonly List<Ring> _rings = [];
    private readonly List<(RungLeg Leg, LegEnd Why)> _over = [];
    private bool _hadPeople;

    /// <summary>Whether somebody is being called.</summary>
    public bool IsBusy => _rings.Exists(r => !r.State.IsOver());

    /// <summary>Who is being called.</summary>
    public IEnumerable<Jid> Callees => _rings.Where(r => !r.State.IsOver()).Select(r => r.Callee);

    /// <summary>Calls somebody.</summary>
    /// <param name="callee">Their address; of a full one that client is looked at too, where it is not one of an account here.</param>
    /// <param name="asker">Who asks for it.</param>
    /// <param name="withVideo">Whether to offer video.</param>
    /// <param name="caller">As whom they would enter.</param>
    /// <returns>How it stands; null if there are too many already.</returns>
    public RingState? Call(Jid callee, Jid asker, bool withVideo, Caller caller)
    {
        if (conference.Participants.Any(p => p.IsPresent && p.Address.Bare == callee.Bare)) return RingState.Came;
        if (_rings.Find(r => r.Callee == callee.Bare && !r.State.IsOver()) is { } running) return running.State;
        if (_rings.Count(r => !r.State.IsOver()) >= MaxRings) return null;
        if (services.Relay?.Capabilities.HasMixer != true || IsFull) return RingState.Failed;
        var ring = new Ring(callee.Bare, asker, withVideo, IsModerator(asker), caller);
        if (IsBarred(ring)) return RingState.Barred;
        _rings.Add(ring);
        outbox.Send(JmiMessages.Propose(_focus, ring.Callee, ring.Id, withVideo));
        foreach (var client in ClientsOf(callee)) outbox.Ask("get", _focus, client, new Element("query", Ns.DiscoInfo), DiscoPatience, answer => CallClient(ring, client, Features(answer)));
        outbox.After(services.Options.RingTime, () =>
        {
            if (ring.Taker is null) End(ring, RingState.Unanswered, LegEnd.Unanswered, JingleCondition.Cancel);
        });
        return ring.State;
    }

    /// <summary>Takes what somebody who is called, or was, says by message.</summary>
    public void Take(Message message, Element said, string id)
    {
        var from = message.From!;
        if (_rings.Find(r => r.Id == id && r.Callee == from.Bare) is not { } ring) return;
        switch (said.Name)
        {
            case "ringing" when ring.State == RingState.Calling:
                Become(ring, RingState.Ringing);
                break;
            // From its full address: another client of theirs may have been faster (section 3.4).
            case "proceed" when !ring.State.IsOver() && ring.Taker is null && from.Resource is not null:
                ring.Taker = from;
                Become(ring, RingState.Ringing);
                outbox.Ask("get", _focus, from, new Element("query", Ns.DiscoInfo), DiscoPatience, answer => Open(ring, from, ring.Id, Features(answer)));
                outbox.After(AnswerTime, () => End(ring, RingState.Failed, LegEnd.Unanswered, JingleCondition.Timeout));
                break;
            case "reject" when !ring.State.IsOver() && (ring.Taker is null || ring.Taker == from):
                End(ring, RingState.Declined, LegEnd.Cancelled, null);
                break;
            case "finish" or "retract" when ring.State == RingState.Answered && from == ring.Taker:
                break; // the session says so itself, and media does
        }
    }

    /// <summary>Takes a message that came back.</summary>
    public void TakeError(Message error)
    {
        if (_rings.Find(r => r.Id == error.Id && r.Callee == error.From?.Bare) is { State: RingState.Calling } ring) End(ring, RingState.Failed, LegEnd.Cancelled, null);
    }

    /// <summary>Somebody calls the room by themselves: the room no longer calls them (XEP-0353 section 4.1).</summary>
    public void Yield(Jid caller)
    {
        foreach (var ring in _rings.Where(r => r.Callee == caller.Bare && !r.State.IsOver()).ToList()) End(ring, RingState.Came, LegEnd.Cancelled, JingleCondition.Expired);
    }

    /// <summary>What holds in the room may be another now: whom it no longer lets in is no longer called, unless a moderator had them called.</summary>
    public void Review()
    {
        foreach (var ring in _rings.Where(r => !r.State.IsOver()).ToList())
        {
            if (IsBarred(ring)) End(ring, RingState.Barred, LegEnd.Cancelled, JingleCondition.Cancel);
        }
    }

    /// <summary>Whoever is called is something else to the chat room that the call is tied to.</summary>
    public void OnChatRoom(Jid account, ChatRoomStanding standing, bool isPutOut)
    {
        foreach (var ring in _rings.Where(r => r.Callee == account && r.As.Tie is not null && !r.State.IsOver()).ToList())
        {
            ring.As = ring.As with { Tie = ring.As.Tie! with { Standing = standing } };
            if (isPutOut) End(ring, RingState.Barred, LegEnd.Cancelled, JingleCondition.Cancel);
        }
    }

    /// <summary>A leg is over.</summary>
    public void OnEnded(Leg leg, LegEnd? why)
    {
        if (leg is not RungLeg rung || _rings.Find(r => r.Legs.Contains(rung)) is not { } ring) return;
        ring.Legs.Remove(rung);
        if (ring.IsAnsweredBy(rung))
        {
            // Both say so, for the other's clients that are not in the call (section 3.7).
            if (ring.Taker is { } taker) outbox.Send(JmiMessages.Finish(_focus, taker, ring.Id, why is null or LegEnd.Left ? JingleCondition.Success : Reasons.Of(why.Value)));
            _rings.Remove(ring);
            return;
        }

        if (ring.State.IsOver()) return;
        if (rung.EndedBy is JingleCondition.Decline or JingleCondition.Busy or JingleCondition.Cancel or JingleCondition.Success) End(ring, RingState.Declined, LegEnd.Cancelled, JingleCondition.Cancel);
        // One of several clients cannot; where it is the one that took the call, nothing else will come.
        else if (ring.Taker == rung.Peer) End(ring, RingState.Failed, LegEnd.Cancelled, JingleCondition.Cancel);
    }

    /// <summary>Takes back all calls.</summary>
    public void Close()
    {
        foreach (var ring in _rings.Where(r => !r.State.IsOver()).ToList()) End(ring, RingState.Cancelled, LegEnd.Cancelled, JingleCondition.Cancel);
    }

    /// <summary>The legs whose calls are over without having been answered: to be ended by the room. Once everybody has left a room nobody is called into it any more.</summary>
    public IReadOnlyList<(RungLeg Leg, LegEnd Why)> TakeOver()
    {
        var hasPeople = conference.Participants.Any(p => p.Legs.Any(l => l is not RungLeg { IsAnswered: false }));
        if (_hadPeople && !hasPeople) Close();
        _hadPeople = hasPeople;
        var over = _over.ToList();
        _over.Clear();
        return over;
    }

    private bool IsFull => conference.Participants.Count >= services.Options.MaxParticipants;

    // Whoever would be let in if they called may be called. A moderator may have anybody called but those whom one removed.
    private bool IsBarred(Ring ring)
    {
        var key = ring.Callee.ToString();
        return moderation.People.IsBanned(key) || (!ring.IsModerators && moderation.Judge(ring.As, ring.Callee, key, isIn: false, password: null) is not { Error: null, Waits: false });
    }

    private bool IsModerator(Jid asker) =>
        conference.Legs.FirstOrDefault(l => l.Peer == asker) is { } leg ? moderation.IsModerator(leg.Participant) : services.Server.Domains.Contains(asker.Domain) && moderation.IsModerator(asker.Bare);

    private IEnumerable<Jid> ClientsOf(Jid callee)
    {
        var here = services.Sessions.Of(callee.Bare).Where(s => s.IsAvailable).Select(s => s.Jid).ToList();
        return (here.Count == 0 && callee.Resource is not null ? [callee] : here).Take(MaxClients);
    }

    // One that knows calls by message rings by the proposal.
    private void CallClient(Ring ring, Jid client, HashSet<string> features)
    {
        if (features.Contains(Ns.JingleMessage) || !features.IsSupersetOf([Ns.JingleRtp, Ns.JingleRtpAudio, Ns.JingleIceUdp, Ns.JingleDtls])) return;
        Open(ring, client, Ids.New(16), features);
    }

    private void Open(Ring ring, Jid client, string sid, HashSet<string> features)
    {
        if (ring.State.IsOver() || services.Relay is not { } relay || IsFull || conference.Legs.Any(l => l.Peer == client)) return;
        var participant = new Participant(Ids.New()) { Name = ring.Callee.Local ?? ring.Callee.Domain, Rights = { Key = ring.Callee.ToString() } };
        var leg = new RungLeg(new LegContext(conference, outbox, relay.Capabilities, services.Options), new Call(null, client, _focus, IsAcknowledged: true), participant, $"{participant.Id}-{Ids.New(4)}", sid,
            RoomOffer.Make(relay.Capabilities, ring.WithVideo, features), _ => Become(ring, RingState.Ringing), answered => OnAnswered(ring, answered));
        ring.Legs.Add(leg);
        conference.Add(leg);
    }

    private void OnAnswered(Ring ring, RungLeg leg)
    {
        leg.Participant.IsAccount = ring.As.Kind == SenderKind.Account;
        moderation.Welcome(leg.Participant, ring.As, ring.Callee.ToString());
        foreach (var other in ring.Legs.Where(l => l != leg)) _over.Add((other, LegEnd.Cancelled));
        if (ring.Taker != leg.Peer) outbox.Send(JmiMessages.Retract(_focus, ring.Callee, ring.Id, JingleCondition.Cancel)); // taken by a client that knows no calls by message
        Become(ring, RingState.Answered);
    }

    private void End(Ring ring, RingState state, LegEnd why, JingleCondition? retract)
    {
        if (ring.State.IsOver()) return;
        Become(ring, state);
        _over.AddRange(ring.Legs.Select(l => (l, why)));
        if (retract is { } condition)
        {
            outbox.Send(ring.Taker is null ? JmiMessages.Retract(_focus, ring.Callee, ring.Id, condition, isTieBreak: state == RingState.Came) : JmiMessages.Finish(_focus, ring.Taker, ring.Id, condition));
        }

        _rings.Remove(ring);
    }

    private void Become(Ring ring, RingState state)
    {
        if (ring.State == state || ring.State.IsOver()) return;
        ring.State = state;
        outbox.Send(RingNotes.Tell(_focus, ring));
    }

    private static HashSet<string> Features(Iq answer) => answer.IsError ? [] : answer.Payload?.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"]).OfType<string>().ToHashSet() ?? [];
}
