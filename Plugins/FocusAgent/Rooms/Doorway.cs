using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Legs.AvConference;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Legs.Muji;
using Parley.Plugins.FocusAgent.Legs.Web;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Lets callers in: judges whether they may enter and which leg they get, chosen once, by what they say and never by a client's name (design section 6).</summary>
public sealed class Doorway(FocusServices services, Conference conference, RoomModeration moderation, Lobby lobby, Outbox outbox)
{
    /// <summary>The most callers who may be asked at once what they can do.</summary>
    public const int MaxPending = 16;

    /// <summary>The longest name kept, in characters.</summary>
    public const int MaxName = 64;

    private static readonly TimeSpan DiscoPatience = TimeSpan.FromSeconds(5);
    private readonly List<PendingCall> _pending = [];
    private readonly Dictionary<string, Participant> _tokens = [];

    /// <summary>Whether somebody waits.</summary>
    public bool IsBusy => _pending.Count > 0 || lobby.Callers.Count > 0;

    /// <summary>Who waits.</summary>
    public IEnumerable<PendingCall> Waiting => _pending.Concat(lobby.Callers);

    /// <summary>The waiting call of a session; null if there is none.</summary>
    public PendingCall? Find(Jid peer, string sid) => Waiting.FirstOrDefault(p => p.Call.Peer == peer && p.Message.Sid == sid);

    /// <summary>Takes a session-initiate.</summary>
    /// <returns>The error to answer; null if it has been seen to.</returns>
    /// <param name="iq">The request.</param>
    /// <param name="message">What it holds.</param>
    /// <param name="caller">Who calls.</param>
    public StanzaError? Initiate(Iq iq, JingleMessage message, Caller caller)
    {
        var muji = message.Extra("muji", Ns.Muji);
        if (muji is not null && !services.Muji.Has(iq.To!.Bare, iq.From!, muji["room"])) return new StanzaError(StanzaCondition.Forbidden, "you announce no such call in that chat room");
        // Whom the chat room let in is nobody who happened to find the address: people of other servers come by the rule for guests.
        var comesAs = muji is not null && caller.Kind == SenderKind.Remote ? SenderKind.Guest : caller.Kind;
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, comesAs, caller.IsReserved || conference.HasAccount)) return Count("closed", new StanzaError(StanzaCondition.Forbidden));
        if (services.Relay is not { } relay) return new StanzaError(StanzaCondition.ServiceUnavailable, "there is no media relay");
        if (message.Contents.Count == 0) return new StanzaError(StanzaCondition.BadRequest, "session-initiate lacks a content"); // XEP-0166 section 7.2.10
        var call = new Call(iq, iq.From!, iq.To!, IsAcknowledged: false);
        var marker = message.Extra("leg", Ns.WebLeg);
        var isPlain = muji is not null || (marker is null && message.Contents.Any(c => c.Senders != JingleSenders.Initiator));
        if (isPlain && !relay.Capabilities.HasMixer) return Unsupported(call, message, JingleCondition.UnsupportedApplications, Refusals.NoMixer);

        var raw = isPlain && muji is null && services.Options.RawUdp.Allows(iq.From!) ? services.Options.RawUdp : null;
        var offer = CallOffer.Read(message, relay.Capabilities, out var fault, out var refusal, raw);
        if (fault is not null) return new StanzaError(StanzaCondition.BadRequest, fault);
        if (offer is null) return Unsupported(call, message, refusal, refusal == JingleCondition.SecurityError ? Refusals.InTheClear : null);
        var token = marker is null ? null : WebInfo.ReadToken(marker);
        if (marker is not null && token is null) return new StanzaError(StanzaCondition.BadRequest, "leg lacks a valid 'token'");
        if (marker is not null && offer.Transports.Count != 1) return new StanzaError(StanzaCondition.BadRequest, "the call page bundles all contents");
        // A guest is whoever has the secret; an account is itself.
        var key = caller.Kind != SenderKind.Guest ? call.Peer.Bare.ToString() : token is null ? call.Peer.ToString() : $" {token}";
        var entering = new PendingCall(call, message, offer, caller) { Key = key, Name = NameOf(message, call.Peer), Marker = marker, IsPlain = isPlain, IsMuji = muji is not null };
        var verdict = moderation.Judge(caller, call.Peer, key, Known(entering) is not null, marker?.Child("password")?.Value);
        if (verdict.Waits) return lobby.Add(entering) is { } full ? Count("lobby-full", full) : null;
        if (verdict.Error is { } error) return Count(error.Application?.Name ?? "moderated", isPlain ? Refuse(entering, error) : error);
        return Proceed(entering, relay.Capabilities);
    }

    /// <summary>Lets somebody in who waited in the lobby.</summary>
    public void LetIn(PendingCall waiting)
    {
        if (services.Relay is not { } relay)
        {
            lobby.Terminate(waiting, JingleCondition.FailedTransport, null);
            return;
        }

        if (Proceed(waiting with { IsLetIn = true }, relay.Capabilities) is not null) lobby.Terminate(waiting, JingleCondition.Busy, Refusals.Full);
    }

    /// <summary>Takes what a waiting caller says meanwhile.</summary>
    public StanzaError? Keep(PendingCall pending, JingleMessage message)
    {
        switch (message.Action)
        {
            case JingleAction.SessionTerminate:
                if (!_pending.Remove(pending)) lobby.Remove(pending);
                return null;
            case JingleAction.TransportInfo or JingleAction.SessionInfo when pending.Kept.Count < PendingCall.MaxKept:
                pending.Kept.Add(message);
                return null;
            default:
                return JingleErrors.OutOfOrder();
        }
    }

    /// <summary>Forgets the tokens of those who have gone.</summary>
    public void Sweep()
    {
        foreach (var (token, participant) in _tokens)
        {
            if (participant.Legs.Count == 0) _tokens.Remove(token);
        }
    }

    /// <summary>Turns waiting callers away.</summary>
    public void Close(JingleCondition why, string? words = null)
    {
        foreach (var pending in _pending) lobby.Terminate(pending, why, words);
        _pending.Clear();
        foreach (var caller in lobby.Callers.ToList()) lobby.TurnAway(caller, why, words);
    }

    /// <summary>Turns away those who wait, whatever they wait for.</summary>
    public void TurnAway(Predicate<PendingCall> whom, JingleCondition why, string? words)
    {
        foreach (var pending in _pending.Where(p => whom(p)).ToList())
        {
            _pending.Remove(pending);
            lobby.Terminate(pending, why, words);
        }

        foreach (var caller in lobby.Callers.Where(c => whom(c)).ToList()) lobby.TurnAway(caller, why, words);
    }

    // Who is in already, and comes by a new leg.
    private Participant? Known(PendingCall entering) => (entering.Marker is { } marker && WebInfo.ReadToken(marker) is { } token ? _tokens.GetValueOrDefault(token) : null) ?? FindByAddress(entering.Call);

    private StanzaError? Proceed(PendingCall entering, RelayCapabilities capabilities) =>
        entering.Marker is not null ? Enter(entering, capabilities) : entering.IsPlain ? EnterPlainly(entering, capabilities) : Question(entering);

    private StanzaError? Enter(PendingCall entering, RelayCapabilities capabilities)
    {
        var token = WebInfo.ReadToken(entering.Marker!)!;
        var participant = Known(entering);
        if (participant is null && IsFull) return Count("full", new StanzaError(StanzaCondition.ResourceConstraint, "the room is full"));
        participant ??= new Participant(Ids.New());
        // One token each: a page that makes a new one for every call would fill the memory with the old ones.
        foreach (var (old, holder) in _tokens)
        {
            if (holder == participant) _tokens.Remove(old);
        }

        _tokens[token] = participant;
        Admit(new WebLeg(ContextOf(capabilities), entering.Call, participant, LegIdOf(participant), entering.Message.Sid, entering.Offer), entering);
        return null;
    }

    private StanzaError? EnterPlainly(PendingCall entering, RelayCapabilities capabilities)
    {
        var participant = FindByAddress(entering.Call);
        if (participant is null && IsFull) return Count("full", Decline(entering.Call, entering.Message, JingleCondition.Busy, Refusals.Full));
        participant ??= new Participant(Ids.New());
        var (context, id) = (ContextOf(capabilities), LegIdOf(participant));
        Admit(entering.IsMuji ? new MujiLeg(context, entering.Call, participant, id, entering.Message.Sid, entering.Offer) : new MixedLeg(context, entering.Call, participant, id, entering.Message.Sid, entering.Offer), entering);
        return null;
    }

    // XEP-0521 clients say so in service discovery only.
    private StanzaError? Question(PendingCall entering)
    {
        if (_pending.Count >= MaxPending) return new StanzaError(StanzaCondition.ResourceConstraint, "too many callers wait");
        if (!entering.Call.IsAcknowledged) outbox.Send(entering.Call.Request!.Result());
        var pending = entering with { Call = entering.Call with { IsAcknowledged = true } };
        _pending.Add(pending);
        outbox.Ask("get", pending.Call.Room, pending.Call.Peer, new Element("query", Ns.DiscoInfo), DiscoPatience, answer => Resolve(pending, answer));
        return null;
    }

    private void Resolve(PendingCall pending, Iq answer)
    {
        if (!_pending.Remove(pending)) return; // hung up meanwhile
        var features = answer.IsError ? [] : answer.Payload?.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"]).OfType<string>().ToHashSet() ?? [];
        var participant = FindByAddress(pending.Call);
        if (!features.Contains(Ns.AvConferences)) lobby.Terminate(pending, JingleCondition.UnsupportedApplications, null);
        else if (services.Relay is not { } relay) lobby.Terminate(pending, JingleCondition.FailedTransport, null);
        else if (!MayStillEnter(pending, participant is not null))
        {
            // It waits now, or was told why not.
        }
        else if (participant is null && IsFull)
        {
            services.Figures.CountRefused("full");
            lobby.Terminate(pending, JingleCondition.Busy, null);
        }
        else
        {
            participant ??= new Participant(Ids.New());
            var leg = new AvConferenceLeg(ContextOf(relay.Capabilities), pending.Call, participant, LegIdOf(participant), pending.Message.Sid, pending.Offer, features);
            Admit(leg, pending);
        }
    }

    // What holds in the room may be another since the caller was asked what it can do.
    private bool MayStillEnter(PendingCall pending, bool isIn)
    {
        if (pending.IsLetIn) return true;
        var verdict = moderation.Judge(pending.Caller, pending.Call.Peer, pending.Key, isIn, password: null);
        if (verdict.Waits && lobby.Add(pending) is { } full) _ = Count("lobby-full", Refuse(pending, full));
        else if (verdict.Error is { } error) _ = Count(error.Application?.Name ?? "moderated", Refuse(pending, error));
        return verdict is { Error: null, Waits: false };
    }

    private void Admit(JingleLeg leg, PendingCall entering)
    {
        leg.Participant.Name = entering.Name;
        leg.Participant.IsAccount = entering.Caller.Kind == SenderKind.Account;
        leg.Participant.IsGuest = entering.Caller.Kind == SenderKind.Guest;
        conference.Add(leg);
        moderation.Welcome(leg.Participant, entering.Caller, entering.Key);
        foreach (var message in entering.Kept) leg.Take(message);
    }

    /// <summary>Whether nobody more may come.</summary>
    public bool IsFull => conference.Participants.Count >= services.Options.MaxParticipants;

    // One address is one participant: whoever calls again from there lost its state and starts anew.
    private Participant? FindByAddress(Call call) => conference.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == call.Peer));

    private static string LegIdOf(Participant participant) => $"{participant.Id}-{Ids.New(4)}";

    private LegContext ContextOf(RelayCapabilities capabilities) => new(conference, outbox, capabilities, services.Options);

    private StanzaError? Decline(Call call, JingleMessage message, JingleCondition why, string? words = null)
    {
        if (!call.IsAcknowledged) outbox.Send(call.Request!.Result());
        outbox.Terminate(call, message, why, words, isPage: message.Extra("leg", Ns.WebLeg) is not null);
        return null;
    }

    // A one-to-one client shows no error of a request: the call ends as if somebody declined it, and the room says why.
    private StanzaError? Refuse(PendingCall entering, StanzaError error)
    {
        if (!entering.Call.IsAcknowledged) outbox.Send(entering.Call.Request!.Result());
        var words = error.Application?.Name == "password" ? "This room has a password: send it here as a message, then call again." : error.Text;
        lobby.Terminate(entering, error.Condition == StanzaCondition.ResourceConstraint ? JingleCondition.Busy : JingleCondition.Decline, words);
        return null;
    }

    private StanzaError? Unsupported(Call call, JingleMessage message, JingleCondition why, string? words = null) => Count("unsupported", Decline(call, message, why, words));

    private StanzaError? Count(string reason, StanzaError? answer)
    {
        services.Figures.CountRefused(reason);
        return answer;
    }

    private static string NameOf(JingleMessage message, Jid peer)
    {
        var nick = new string([.. (message.Extra("nick", Ns.Nick)?.Value ?? "").Where(c => !char.IsControl(c)).Take(MaxName)]).Trim();
        return nick.Length > 0 ? nick : peer.Local ?? peer.Domain;
    }
}
