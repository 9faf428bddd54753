using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Entering a room (XEP-0045 section 7.2), in the order that clients rely on: who is there, oneself, history, subject.</summary>
internal sealed class Joining(RoomState room, PresenceVoice voice)
{
    /// <summary>Takes the presence of somebody who is not there.</summary>
    public void Enter(Presence presence)
    {
        var x = presence.Element.Child("x", MucNames.Muc);
        if (x is null)
        {
            // Without the extension it cannot be told from a client that believes to be in already (section 7.2.17).
            TellNotThere(presence);
            return;
        }

        var (nick, fault) = NickOf(presence.To!);
        var error = fault ?? Judge(presence.From!, nick!, x);
        var (payload, bytes) = MessageContent.Of(presence.Element, room.Address);
        if (error is null && bytes > room.Rules.MaxPresenceBytes) error = new StanzaError(StanzaCondition.PolicyViolation, "The presence is too large.");
        if (error is not null)
        {
            Refuse(presence, error);
            return;
        }

        // Whoever enters a locked room first is who it was made for (section 10.1.1).
        var isNew = room.IsLocked && room.Occupants.Count == 0;
        var account = presence.From!.Bare;
        var isNewcomer = room.Occupants.Find(nick!) is null;
        var occupant = room.Occupants.Find(nick!) ?? new Occupant(room.Address.WithResource(nick!), account, room.OccupantIdOf(account), room.DefaultRole(room.AffiliationOf(account)));
        var session = new OccupantSession(presence.From!) { Payload = payload, Priority = presence.Priority };
        room.StandIns.Notice(payload);
        room.Occupants.Add(occupant, session);
        room.Out.Changes.Placed.Add(account);

        voice.TellRoster(occupant, session);
        voice.TellOthers(occupant);
        if (!isNewcomer)
        {
            foreach (var other in occupant.Sessions)
            {
                if (other != session) voice.TellSelf(occupant, other);
            }
        }

        Welcome(occupant, session, x, isNew, occupant.Nick != presence.To!.Resource, presence.Id);
    }

    /// <summary>Sends somebody who is there, but seems to have missed it, all that they got on entering (section 7.2.2).</summary>
    public void EnterAgain(Occupant occupant, OccupantSession session, Presence presence, Element x)
    {
        voice.TellRoster(occupant, session);
        voice.TellOthers(occupant);
        Welcome(occupant, session, x, false, false, presence.Id);
    }

    /// <summary>The nickname that an address asks for, and whether it can be one.</summary>
    public (string? Nick, StanzaError? Fault) NickOf(Jid to)
    {
        // Spaces around a name would let one person look like another.
        if (to.Resource?.Trim() is not { Length: > 0 } nick) return (null, new StanzaError(StanzaCondition.JidMalformed, "A nickname is needed."));
        return nick.Length > room.Rules.MaxNickLength ? (null, new StanzaError(StanzaCondition.NotAcceptable, "The nickname is too long.")) : (nick, null);
    }

    /// <summary>Refuses to let somebody in.</summary>
    public void Refuse(Presence presence, StanzaError error)
    {
        var reply = presence.ErrorReply(error).Element.Copy();
        room.Out.Send(new Presence(reply.Add(new Element("x", MucNames.Muc))));
    }

    /// <summary>Whether a nickname is free for an account: nobody else's who is there, and reserved for nobody else (section 7.2.8).</summary>
    public bool IsFree(string nick, Jid account) =>
        !room.StandIns.Has(nick) && (room.Occupants.Find(nick) is not { } holder || holder.Account == account) && (room.Affiliations.HolderOf(nick) is not { } owner || owner == account);

    private StanzaError? Judge(Jid real, string nick, Element x)
    {
        var affiliation = room.AffiliationOf(real);
        if (room.IsLocked && affiliation != Affiliation.Owner) return new StanzaError(StanzaCondition.ItemNotFound, "The room is not configured yet.");
        if (affiliation == Affiliation.Outcast) return new StanzaError(StanzaCondition.Forbidden, "You are banned from this room.");
        if (room.Config.IsMembersOnly && affiliation < Affiliation.Member) return new StanzaError(StanzaCondition.RegistrationRequired, "Only members may enter.");
        if (room.Config.Password is { } password && affiliation != Affiliation.Owner && x.Child("password")?.Value != password) return new StanzaError(StanzaCondition.NotAuthorized, "A password is needed.");
        if (!IsFree(nick, real.Bare)) return new StanzaError(StanzaCondition.Conflict, "The nickname is taken.");
        if (room.Occupants.Find(nick) is { } own)
        {
            return own.Sessions.Count >= room.Rules.MaxSessionsPerNick ? new StanzaError(StanzaCondition.ResourceConstraint, "Too many clients under one nickname.") : null;
        }

        var most = affiliation >= Affiliation.Admin ? room.MaxOccupants + room.Rules.ExtraAdmins : room.MaxOccupants;
        return room.Occupants.Count >= most ? new StanzaError(StanzaCondition.ServiceUnavailable, StanzaErrorType.Wait, "The room is full.") : null;
    }

    private void Welcome(Occupant occupant, OccupantSession session, Element x, bool isNew, bool isRenamed, string? id)
    {
        List<int> codes = [];
        if (room.Config.IsNonAnonymous) codes.Add(100);
        if (room.IsArchived) codes.Add(170);
        if (isNew) codes.Add(201);
        if (isRenamed) codes.Add(210);
        voice.TellSelf(occupant, session, codes, id: id);
        if (Avatar.Announcement(room) is { } picture) room.Out.Send(picture.CopyFor(session.Jid));
        foreach (var entry in room.History.Choose(HistoryRequest.Read(x), room.HistoryLength, room.Now)) room.Out.Send(entry.Message.CopyFor(session.Jid));
        room.Out.Send(room.Subject.ToMessage(room.Address).CopyFor(session.Jid));
    }

    private void TellNotThere(Presence presence)
    {
        if (presence.To!.Resource is null)
        {
            Refuse(presence, new StanzaError(StanzaCondition.JidMalformed, "A nickname is needed."));
            return;
        }

        room.Out.Send(NotThere(presence));
    }

    /// <summary>Tells somebody who believes to be in a room that they are not (section 7.2.17).</summary>
    public static Presence NotThere(Presence presence)
    {
        var x = new Element("x", MucNames.User).Add(UserExtension.Item(Affiliation.None, Role.None, change: new Change(Reason: "You are not in the room.")));
        foreach (var code in (ReadOnlySpan<int>)[110, 307, 333]) x.Add(UserExtension.Status(code));
        return new Presence(new Element("presence", Ns.Client).Attr("type", "unavailable").Attr("from", presence.To!.ToString()).Attr("to", presence.From!.ToString()).Add(x));
    }
}
