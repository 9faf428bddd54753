using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Changes of roles: kicking (XEP-0045 section 8.2), voice (8.3, 8.4), moderators (9.6, 9.7).</summary>
internal sealed class RoleChanges(RoomState room, PresenceVoice voice, Leaving leaving)
{
    /// <summary>Judges one change and adds what it does; the error if it is refused.</summary>
    public StanzaError? Plan(Iq iq, Element item, string? reason, List<Action> apply)
    {
        if (!Ranks.TryRole(item["role"], out var role)) return new StanzaError(StanzaCondition.BadRequest);
        if (item["nick"] is not { } nick) return new StanzaError(StanzaCondition.BadRequest, "A role belongs to a nickname.");
        if (room.Occupants.Find(nick) is not { } target) return new StanzaError(StanzaCondition.ItemNotFound, "Nobody has that nickname.");
        var actor = room.Occupants.Of(iq.From);
        var own = room.AffiliationOf(iq.From!);
        if (actor?.Role != Role.Moderator && own < Affiliation.Admin) return new StanzaError(StanzaCondition.Forbidden);
        if (Judge(own, target, role) is { } error) return error;
        var change = new Change(actor?.Nick, reason);
        apply.Add(() => Apply(target, role, change));
        return null;
    }

    /// <summary>Gives an occupant who is there a role.</summary>
    public void Apply(Occupant target, Role role, Change? change)
    {
        // An earlier change of the same request may have put them out.
        if (room.Occupants.Find(target.Nick) != target || target.Role == role) return;
        if (role == Role.None)
        {
            leaving.Remove(target, 307, change);
            return;
        }

        var was = target.Role;
        target.Role = role;
        room.Out.Changes.Placed.Add(target.Account);
        target.Templates = default;
        voice.TellAll(target, was, change);
        if (role == Role.Moderator && was != Role.Moderator && !room.Config.IsNonAnonymous) TellAddresses(target);
    }

    // Who becomes a moderator sees real addresses from now on.
    private void TellAddresses(Occupant moderator)
    {
        foreach (var session in moderator.Sessions) voice.TellRoster(moderator, session);
    }

    private StanzaError? Judge(Affiliation own, Occupant target, Role role)
    {
        var theirs = room.AffiliationOf(target.Account);
        if (role == Role.Moderator || (target.Role == Role.Moderator && role != Role.None))
        {
            // Moderators are made and unmade by admins; those who are moderators by affiliation stay it (sections 9.7, 5.1.3).
            if (own < Affiliation.Admin) return target.Role == Role.Moderator && theirs >= Affiliation.Admin ? new StanzaError(StanzaCondition.NotAllowed) : new StanzaError(StanzaCondition.Forbidden);
            return target.Role == Role.Moderator && theirs >= Affiliation.Admin && role != Role.Moderator ? new StanzaError(StanzaCondition.NotAllowed) : null;
        }

        // Nobody is kicked or silenced by those below (section 8.2).
        return theirs > own || (role != Role.None && theirs >= Affiliation.Admin) ? new StanzaError(StanzaCondition.NotAllowed) : null;
    }
}
