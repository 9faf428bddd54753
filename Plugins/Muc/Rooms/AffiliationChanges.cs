using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Changes of affiliations: bans (XEP-0045 sections 9.1, 9.2), members (9.3 to 9.5), admins and owners (10.3 to 10.8).</summary>
internal sealed class AffiliationChanges(RoomState room, PresenceVoice voice, Leaving leaving)
{
    /// <summary>Judges one change and adds what it does; the error if it is refused.</summary>
    public StanzaError? Plan(Iq iq, Element item, string? reason, AffiliationPlan plan, List<Action> apply)
    {
        if (!Ranks.TryAffiliation(item["affiliation"], out var affiliation)) return new StanzaError(StanzaCondition.BadRequest);
        Jid? account;
        if (item["jid"] is { } text)
        {
            if (!Jid.TryParse(text, out account)) return new StanzaError(StanzaCondition.JidMalformed);
        }
        else
        {
            account = item["nick"] is { } called ? room.Occupants.Find(called)?.Account : null;
            if (account is null) return item["nick"] is null ? new StanzaError(StanzaCondition.BadRequest) : new StanzaError(StanzaCondition.ItemNotFound, "Nobody has that nickname.");
        }

        account = account.Bare;
        var own = room.AffiliationOf(iq.From!);
        if (Judge(own, iq.From!.Bare, account, affiliation) is { } error) return error;
        var nick = item["jid"] is null ? null : item["nick"];
        if (nick is not null && (nick.Length > room.Rules.MaxNickLength || nick.Length == 0)) return new StanzaError(StanzaCondition.NotAcceptable, "The nickname is too long.");
        if (nick is not null && room.Affiliations.HolderOf(nick) is { } holder && holder != account) return new StanzaError(StanzaCondition.Conflict, "The nickname is taken.");
        plan.Set(account, affiliation);
        var change = new Change(room.Occupants.Of(iq.From)?.Nick, reason);
        apply.Add(() => Apply(account, affiliation, change, nick));
        return null;
    }

    /// <summary>Changes an affiliation, and what follows for those who are there.</summary>
    public void Apply(Jid account, Affiliation affiliation, Change? change, string? nick = null)
    {
        nick ??= room.Affiliations.Find(account)?.Nick;
        room.Affiliations.Set(account, affiliation == Affiliation.None ? null : new AffiliationEntry(affiliation, affiliation == Affiliation.Outcast ? null : nick, change?.Reason));
        room.Out.Changes.Affiliations.Add(account);
        foreach (var occupant in room.Occupants.All.Where(o => o.Account == account || (account.Local is null && o.Account.Domain == account.Domain)).ToList()) Follow(occupant, change);
    }

    /// <summary>Puts out those whom the room is closed to now (section 10.2.1).</summary>
    public void RemoveStrangers(int code)
    {
        foreach (var occupant in room.Occupants.All.Where(o => room.AffiliationOf(o.Account) < Affiliation.Member).ToList()) leaving.Remove(occupant, code);
    }

    private void Follow(Occupant occupant, Change? change)
    {
        var affiliation = room.AffiliationOf(occupant.Account);
        if (affiliation == Affiliation.Outcast)
        {
            leaving.Remove(occupant, 301, change, isOutcast: true);
            return;
        }

        if (room.Config.IsMembersOnly && affiliation < Affiliation.Member)
        {
            leaving.Remove(occupant, 321, change);
            return;
        }

        var was = occupant.Role;
        occupant.Role = room.DefaultRole(affiliation);
        occupant.Templates = default;
        voice.TellAll(occupant, was, change);
        if (occupant.Role == Role.Moderator && was != Role.Moderator && !room.Config.IsNonAnonymous)
        {
            foreach (var session in occupant.Sessions) voice.TellRoster(occupant, session);
        }
    }

    private StanzaError? Judge(Affiliation own, Jid self, Jid account, Affiliation affiliation)
    {
        if (own < Affiliation.Admin) return new StanzaError(StanzaCondition.Forbidden);
        var theirs = room.Affiliations.Find(account)?.Affiliation ?? Affiliation.None;
        // Nobody bans themselves (section 9.1), be it with all of their domain.
        if (affiliation == Affiliation.Outcast && (account == self || (account.Local is null && account.Domain == self.Domain))) return new StanzaError(StanzaCondition.Conflict);
        if (affiliation == Affiliation.Outcast && room.Rules.ServiceAdmins.Contains(account)) return new StanzaError(StanzaCondition.NotAllowed);
        if (own == Affiliation.Owner) return null;
        // Admins manage what is below them (section 5.2.1).
        if (theirs >= Affiliation.Admin) return new StanzaError(StanzaCondition.NotAllowed);
        return affiliation >= Affiliation.Admin ? new StanzaError(StanzaCondition.Forbidden) : null;
    }
}
