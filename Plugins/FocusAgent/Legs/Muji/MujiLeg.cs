using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Legs.Mixed;
using Parley.Plugins.FocusAgent.Negotiation;

namespace Parley.Plugins.FocusAgent.Legs.Muji;

/// <summary>
/// The leg of a client that calls by XEP-0272 in a chat room where the focus stands in (docs/legs/muji.md): to the client it is a call with one other participant of the room, on the wire therefore a
/// <see cref="MixedLeg"/>. It lasts no longer than the client announces the call in the room.
/// </summary>
public sealed class MujiLeg(LegContext context, Call call, Participant participant, string id, string sid, CallOffer offer) : MixedLeg(context, call, participant, id, sid, offer)
{
    /// <inheritdoc/>
    public override string Kind => "muji";
}
