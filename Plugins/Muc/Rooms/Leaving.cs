using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Leaving a room: by oneself (XEP-0045 section 7.14), because nothing reaches one any more (section 11.1), or because the room says so.</summary>
internal sealed class Leaving(RoomState room, PresenceVoice voice)
{
    private static readonly HashSet<StanzaCondition> GoneConditions =
    [
        StanzaCondition.Gone, StanzaCondition.InternalServerError, StanzaCondition.ItemNotFound, StanzaCondition.JidMalformed, StanzaCondition.RecipientUnavailable, StanzaCondition.Redirect,
        StanzaCondition.RemoteServerNotFound, StanzaCondition.RemoteServerTimeout, StanzaCondition.ServiceUnavailable,
    ];

    /// <summary>Whether an error that comes back means that its sender does not receive any more.</summary>
    public static bool MeansGone(Stanza stanza) => stanza.IsError && GoneConditions.Contains(StanzaError.Of(stanza).Condition);

    /// <summary>Takes an unavailable presence.</summary>
    public void Leave(Presence presence)
    {
        if (!room.Occupants.TryFind(presence.From!, out var occupant, out var session)) return;
        List<Element> status = [.. presence.Element.ChildrenNamed("status", Ns.Client).Where(s => s.Value.Length <= room.Rules.MaxTextLength)];
        RemoveSession(occupant, session, [], status, null);
    }

    /// <summary>Removes a client that nothing reaches: kicked for technical reasons, which others are told once its nickname has no other client.</summary>
    public void Drop(Jid full)
    {
        if (room.Occupants.TryFind(full, out var occupant, out var session)) RemoveSession(occupant, session, [307, 333], [], new Change(Reason: "Nothing can be delivered there."));
    }

    /// <summary>Puts an occupant out with all clients.</summary>
    public void Remove(Occupant occupant, int code, Change? change = null, bool isOutcast = false)
    {
        room.Occupants.Remove(occupant);
        room.Out.Changes.Placed.Add(occupant.Account);
        room.Out.Changes.PutOut.Add(occupant.Account);
        if (voice.IsVisible(occupant.Role)) voice.TellOthersGone(occupant, [code], [], change, isOutcast: isOutcast);
        voice.TellSelfGone(occupant, occupant.Sessions, [code], [], change, isOutcast: isOutcast);
    }

    /// <summary>Puts everybody out at once; nobody is told of others.</summary>
    public void RemoveAll(ReadOnlySpan<int> codes, Change? change = null, Element? more = null)
    {
        foreach (var occupant in room.Occupants.All.ToList())
        {
            room.Occupants.Remove(occupant);
            voice.TellSelfGone(occupant, occupant.Sessions, codes, [], change, more: more);
        }
    }

    private void RemoveSession(Occupant occupant, OccupantSession session, ReadOnlySpan<int> codes, IReadOnlyList<Element> status, Change? change)
    {
        room.Occupants.Remove(occupant, session);
        voice.TellSelfGone(occupant, [session], codes, status, change);
        if (occupant.Sessions.Count > 0)
        {
            // The account's other clients are still there.
            voice.TellOthers(occupant);
            voice.TellSelf(occupant);
            return;
        }

        room.Out.Changes.Placed.Add(occupant.Account);
        if (!voice.IsVisible(occupant.Role)) return;
        occupant.Put(session); // whose address moderators are told
        voice.TellOthersGone(occupant, codes, status, change);
        occupant.Remove(session);
    }
}
