using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What those who are there change of their presence: status (XEP-0045 section 7.7) and nickname (section 7.6).</summary>
internal sealed class PresenceChanges(RoomState room, PresenceVoice voice, Joining joining)
{
    /// <summary>Takes an available presence of somebody who is there.</summary>
    public void Take(Presence presence, Occupant occupant, OccupantSession session)
    {
        var (nick, fault) = joining.NickOf(presence.To!);
        // Several clients under one nickname may spell it each in its own way; that is no wish to change it.
        if (nick is not null && occupant.Sessions.Count > 1 && room.Occupants.Find(nick) == occupant) nick = occupant.Nick;
        var (payload, bytes) = MessageContent.Of(presence.Element, room.Address);
        if (fault is null && bytes > room.Rules.MaxPresenceBytes) fault = new StanzaError(StanzaCondition.PolicyViolation, "The presence is too large.");
        if (fault is null && nick != occupant.Nick) fault = JudgeNick(nick!, occupant);
        if (fault is not null)
        {
            joining.Refuse(presence, fault);
            return;
        }

        room.StandIns.Notice(payload);
        room.Occupants.Show(occupant, session, payload, presence.Priority);
        if (nick != occupant.Nick)
        {
            Rename(occupant, nick!);
            return;
        }

        if (presence.Element.Child("x", MucNames.Muc) is { } x)
        {
            joining.EnterAgain(occupant, session, presence, x);
            return;
        }

        voice.TellOthers(occupant);
        voice.TellSelf(occupant);
    }

    /// <summary>Gives an occupant another nickname, with all its clients.</summary>
    public void Rename(Occupant occupant, string nick)
    {
        var isSeen = voice.IsVisible(occupant.Role);
        if (isSeen) voice.TellOthersGone(occupant, [303], [], null, nick);
        voice.TellSelfGone(occupant, occupant.Sessions, [303], [], null, nick);
        if (room.Occupants.Find(nick) is { } own && own != occupant)
        {
            // The account's own other nickname: from now on its clients are together under it.
            var moving = occupant.Sessions.ToList();
            room.Occupants.Remove(occupant);
            foreach (var session in moving) room.Occupants.Add(own, session);
            occupant = own;
        }
        else
        {
            room.Occupants.Rename(occupant, room.Address.WithResource(nick));
        }

        voice.TellOthers(occupant);
        voice.TellSelf(occupant);
    }

    private StanzaError? JudgeNick(string nick, Occupant occupant)
    {
        if (!joining.IsFree(nick, occupant.Account)) return new StanzaError(StanzaCondition.Conflict, "The nickname is taken.");
        return room.Occupants.Find(nick) is { } own && own != occupant && own.Sessions.Count + occupant.Sessions.Count > room.Rules.MaxSessionsPerNick
            ? new StanzaError(StanzaCondition.ResourceConstraint, "Too many clients under one nickname.") : null;
    }
}
