using Parley.Plugins.FocusAgent.Conferences;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Negotiation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Coin;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>Writes who is there as one receiver gets it (RFC 4575, XEP-0298).</summary>
public static class CoinState
{
    /// <summary>The full state for one leg.</summary>
    public static ConferenceInfo Write(Conference conference, ModerationView moderation, RoomRecorder recorder, Leg receiver, Jid room, long version) =>
        new(XmppUri.Of(room.Bare), version, [.. conference.Participants.Where(p => p.IsPresent || p == receiver.Participant).Select(p => Write(p, receiver) with { Roles = moderation.RolesOf(p), Extension = moderation.Of(p) })])
        {
            Extension = moderation.For(receiver.Participant),
            Recording = recorder.Mark(),
        };

    private static ConferenceUser Write(Participant participant, Leg receiver) =>
        new(XmppUri.Of(participant.Address), participant.Name, participant.Id, [.. participant.Tracks.Select(t =>
        {
            var way = participant == receiver.Participant ? null : receiver.Find(participant, t.Kind);
            return new ConferenceMedia(way?.Id, MediaTerms.NameOf(t.Kind), t.IsSlides ? "slides" : null, way?.Ssrc, t.IsActive ? "sendrecv" : "inactive");
        })]);
}
