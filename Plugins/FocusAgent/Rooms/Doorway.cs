using Parley.Media.Control;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs;
using Parley.Plugins.FocusAgent.Legs.AvConference;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Legs.Muji;
using Parley.Plugins.FocusAgent.Legs.Web;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Signalling;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Lets callers in: judges whether they may enter and which leg they get, chosen once, by what they say and never by a client's name (design section 6).</summary>
public sealed class Doorway(FocusServices services, Conference conference, Outbox outbox)
{
    /// <summary>The most callers who may wait at once.</summary>
    public const int MaxPending = 16;

    /// <summary>The longest name kept, in characters.</summary>
    public const int MaxName = 64;

    private static readonly TimeSpan DiscoPatience = TimeSpan.FromSeconds(5);
    private readonly List<PendingCall> _pending = [];
    private readonly Dictionary<string, Participant> _tokens = [];

    /// <summary>Whether somebody waits.</summary>
    public bool IsBusy => _pending.Count > 0;

    /// <summary>Who waits.</summary>
    public IReadOnlyList<PendingCall> Waiting => _pending;

    /// <summary>The waiting call of a session; null if there is none.</summary>
    public PendingCall? Find(Jid peer, string sid) => _pending.Find(p => p.Call.Peer == peer && p.Message.Sid == sid);

    /// <summary>Takes a session-initiate.</summary>
    /// <returns>The error to answer; null if it has been seen to.</returns>
    /// <param name="iq">The request.</param>
    /// <param name="message">What it holds.</param>
    /// <param name="kind">Who calls.</param>
    /// <param name="isReserved">An account has reserved the room.</param>
    public StanzaError? Initiate(Iq iq, JingleMessage message, SenderKind kind, bool isReserved)
    {
        var muji = message.Extra("muji", Ns.Muji);
        if (muji is not null && !services.Muji.Has(iq.To!.Bare, iq.From!, muji["room"])) return new StanzaError(StanzaCondition.Forbidden, "you announce no such call in that chat room");
        // Whom the chat room let in is nobody who happened to find the address: people of other servers come by the rule for guests.
        var comesAs = muji is not null && kind == SenderKind.Remote ? SenderKind.Guest : kind;
        if (!Admission.Admits(services.Options.OpenTo, services.Server.IsLoopbackOnly, comesAs, isReserved || conference.HasAccount)) return new StanzaError(StanzaCondition.Forbidden);
        if (services.Relay is not { } relay) return new StanzaError(StanzaCondition.ServiceUnavailable, "there is no media relay");
        var call = new Call(iq, iq.From!, iq.To!, IsAcknowledged: false);
        var marker = message.Extra("leg", Ns.WebLeg);
        var isPlain = muji is not null || (marker is null && (message.Contents.Count == 0 || message.Contents.Any(c => c.Senders != JingleSenders.Initiator)));
        if (isPlain && !relay.Capabilities.HasMixer) return Decline(call, message, JingleCondition.UnsupportedApplications); // a one-to-one client needs the mixer

        var offer = CallOffer.Read(message, relay.Capabilities, out var fault, out var refusal);
        if (fault is not null) return new StanzaError(StanzaCondition.BadRequest, fault);
        if (offer is null) return Decline(call, message, refusal);
        if (isPlain) return EnterPlainly(call, message, offer, kind, relay.Capabilities, muji is not null);
        return marker is null ? Question(call, message, offer, kind) : Enter(call, message, offer, kind, marker, relay.Capabilities);
    }

    /// <summary>Takes what a waiting caller says meanwhile.</summary>
    public StanzaError? Keep(PendingCall pending, JingleMessage message)
    {
        switch (message.Action)
        {
            case JingleAction.SessionTerminate:
                _pending.Remove(pending);
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
    public void Close(JingleCondition why)
    {
        foreach (var pending in _pending) Terminate(pending.Call, pending.Message, why);
        _pending.Clear();
    }

    private StanzaError? Enter(Call call, JingleMessage message, CallOffer offer, SenderKind kind, Element marker, RelayCapabilities capabilities)
    {
        if (WebInfo.ReadToken(marker) is not { } token) return new StanzaError(StanzaCondition.BadRequest, "leg lacks a valid 'token'");
        if (offer.Transports.Count != 1) return new StanzaError(StanzaCondition.BadRequest, "the call page bundles all contents");
        var participant = _tokens.GetValueOrDefault(token) ?? FindByAddress(call);
        if (participant is null && IsFull) return new StanzaError(StanzaCondition.ResourceConstraint, "the room is full");
        participant ??= new Participant(Ids.New());
        // One token each: a page that makes a new one for every call would fill the memory with the old ones.
        foreach (var (old, holder) in _tokens)
        {
            if (holder == participant) _tokens.Remove(old);
        }

        _tokens[token] = participant;
        Admit(new WebLeg(ContextOf(capabilities), call, participant, LegIdOf(participant), message.Sid, offer), message, kind);
        return null;
    }

    private StanzaError? EnterPlainly(Call call, JingleMessage message, CallOffer offer, SenderKind kind, RelayCapabilities capabilities, bool isMuji)
    {
        var participant = FindByAddress(call);
        if (participant is null && IsFull) return Decline(call, message, JingleCondition.Busy);
        participant ??= new Participant(Ids.New());
        var (context, id) = (ContextOf(capabilities), LegIdOf(participant));
        Admit(isMuji ? new MujiLeg(context, call, participant, id, message.Sid, offer) : new MixedLeg(context, call, participant, id, message.Sid, offer), message, kind);
        return null;
    }

    // XEP-0521 clients say so in service discovery only.
    private StanzaError? Question(Call call, JingleMessage message, CallOffer offer, SenderKind kind)
    {
        if (_pending.Count >= MaxPending) return new StanzaError(StanzaCondition.ResourceConstraint, "too many callers wait");
        var pending = new PendingCall(call with { IsAcknowledged = true }, message, offer, kind);
        _pending.Add(pending);
        outbox.Send(call.Request.Result());
        outbox.Ask("get", call.Room, call.Peer, new Element("query", Ns.DiscoInfo), DiscoPatience, answer => Resolve(pending, answer));
        return null;
    }

    private void Resolve(PendingCall pending, Iq answer)
    {
        if (!_pending.Remove(pending)) return; // hung up meanwhile
        var features = answer.IsError ? [] : answer.Payload?.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"]).OfType<string>().ToHashSet() ?? [];
        var participant = FindByAddress(pending.Call);
        if (!features.Contains(Ns.AvConferences)) Terminate(pending.Call, pending.Message, JingleCondition.UnsupportedApplications);
        else if (services.Relay is not { } relay) Terminate(pending.Call, pending.Message, JingleCondition.FailedTransport);
        else if (participant is null && IsFull) Terminate(pending.Call, pending.Message, JingleCondition.Busy);
        else
        {
            participant ??= new Participant(Ids.New());
            var leg = new AvConferenceLeg(ContextOf(relay.Capabilities), pending.Call, participant, LegIdOf(participant), pending.Message.Sid, pending.Offer, features);
            Admit(leg, pending.Message, pending.Kind);
            foreach (var message in pending.Kept) leg.Take(message);
        }
    }

    private void Admit(JingleLeg leg, JingleMessage message, SenderKind kind)
    {
        leg.Participant.Name = NameOf(message, leg.Peer);
        leg.Participant.IsAccount = kind == SenderKind.Account;
        leg.Participant.IsGuest = kind == SenderKind.Guest;
        conference.Add(leg);
    }

    private bool IsFull => conference.Participants.Count >= services.Options.MaxParticipants;

    // One address is one participant: whoever calls again from there lost its state and starts anew.
    private Participant? FindByAddress(Call call) => conference.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == call.Peer));

    private static string LegIdOf(Participant participant) => $"{participant.Id}-{Ids.New(4)}";

    private LegContext ContextOf(RelayCapabilities capabilities) => new(conference, outbox, capabilities, services.Options);

    private StanzaError? Decline(Call call, JingleMessage message, JingleCondition why)
    {
        outbox.Send(call.Request.Result());
        Terminate(call, message, why);
        return null;
    }

    private void Terminate(Call call, JingleMessage message, JingleCondition why) =>
        outbox.Ask(call.Room, call.Peer, new JingleMessage(JingleAction.SessionTerminate, message.Sid) { Reason = new JingleReason(why) }.ToElement());

    private static string NameOf(JingleMessage message, Jid peer)
    {
        var nick = new string([.. (message.Extra("nick", Ns.Nick)?.Value ?? "").Where(c => !char.IsControl(c)).Take(MaxName)]).Trim();
        return nick.Length > 0 ? nick : peer.Local ?? peer.Domain;
    }
}
