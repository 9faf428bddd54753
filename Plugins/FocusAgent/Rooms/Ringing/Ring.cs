using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>Somebody whom the room calls.</summary>
/// <param name="Callee">Their bare address.</param>
/// <param name="Asker">Who asked for it: the full address that is told what comes of it.</param>
/// <param name="WithVideo">Whether video is offered.</param>
/// <param name="IsModerators">Whether a moderator asked for it: then they are let in whatever holds.</param>
/// <param name="Caller">As whom they would enter when they were called.</param>
public sealed record Ring(Jid Callee, Jid Asker, bool WithVideo, bool IsModerators, Caller Caller)
{
    /// <summary>As whom they would enter now.</summary>
    public Caller As { get; set; } = Caller;

    /// <summary>
    /// The call's id. Of two who call each other at the same time the lower id wins (XEP-0353 section 4.1, XEP-0166 section 7.2.16); these are high, as whoever calls the room by themselves is to be let in.
    /// </summary>
    public string Id { get; } = "z" + Ids.New(16);

    /// <summary>How far it has come.</summary>
    public RingState State { get; set; }

    /// <summary>The client that took it by message; null until one did.</summary>
    public Jid? Taker { get; set; }

    /// <summary>The sessions that were opened: one with the client that took it, or one with each that knows no calls by message.</summary>
    public List<RungLeg> Legs { get; } = [];

    /// <summary>Whether a leg is the one that was answered.</summary>
    public bool IsAnsweredBy(RungLeg leg) => State == RingState.Answered && leg.IsAnswered;
}
