using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Mediated invitations and what they are answered with (XEP-0045 section 7.8.2). The room remembers whom it invited, so that it carries no message between strangers.</summary>
internal sealed class Invitations(RoomState room, AffiliationChanges affiliations)
{
    /// <summary>The most invitations that are remembered; beyond that the oldest are forgotten.</summary>
    public const int MostRemembered = 1000;

    private readonly Queue<(Jid Invited, Jid By)> _order = [];
    private readonly HashSet<(Jid Invited, Jid By)> _open = [];

    /// <summary>Takes a message that invites or declines; false if it does neither.</summary>
    public bool TryTake(Message message)
    {
        if (message.Type is "groupchat" || message.Element.Child("x", MucNames.User) is not { } x) return false;
        var invites = x.ChildrenNamed("invite", MucNames.User).ToList();
        if (invites.Count > 0) Invite(message, invites);
        else if (x.Child("decline") is { } decline) Decline(message, decline);
        else return false;
        return true;
    }

    private void Invite(Message message, List<Element> invites)
    {
        if (room.Occupants.Of(message.From) is not { } inviter)
        {
            room.Out.Refuse(message, StanzaCondition.NotAcceptable, "You are not in the room.");
            return;
        }

        var own = room.AffiliationOf(inviter.Account);
        // Where only members enter, to invite is to make a member.
        if (inviter.Role < Role.Participant || (room.Config.IsMembersOnly && own < Affiliation.Admin && !(room.Config.MayInvite && own >= Affiliation.Member)))
        {
            room.Out.Refuse(message, StanzaCondition.Forbidden, "You may not invite.");
            return;
        }

        if (invites.Count > room.Rules.MaxItemsPerRequest || invites.Any(i => i.Child("reason")?.Value.Length > room.Rules.MaxTextLength))
        {
            room.Out.Refuse(message, StanzaCondition.PolicyViolation, "Too much for one invitation.");
            return;
        }

        List<(Jid To, Element Invite)> invited = [];
        foreach (var invite in invites)
        {
            if (!Jid.TryParse(invite["to"], out var to) || to.Local is null)
            {
                room.Out.Refuse(message, StanzaCondition.JidMalformed);
                return;
            }

            if (room.AffiliationOf(to) == Affiliation.Outcast)
            {
                room.Out.Refuse(message, StanzaCondition.Forbidden, "They are banned from this room.");
                return;
            }

            invited.Add((to, invite));
        }

        var plan = new AffiliationPlan(room);
        if (room.Config.IsMembersOnly)
        {
            foreach (var (to, _) in invited.Where(i => room.AffiliationOf(i.To) < Affiliation.Member)) plan.Set(to.Bare, Affiliation.Member);
        }

        if (plan.Judge() is { } fault)
        {
            room.Out.Refuse(message, fault);
            return;
        }

        foreach (var (to, invite) in invited)
        {
            if (room.Config.IsMembersOnly && room.AffiliationOf(to) < Affiliation.Member) affiliations.Apply(to.Bare, Affiliation.Member, null);
            Send(inviter, to, invite);
        }
    }

    private void Send(Occupant inviter, Jid to, Element invite)
    {
        Remember(to.Bare, inviter.Account);
        // Whoever is invited may know whom it is from; in a semi-anonymous room that is a nickname.
        var from = room.Config.IsNonAnonymous ? inviter.Account : inviter.Address;
        var reason = invite.Child("reason")?.Value;
        var told = new Element("invite", MucNames.User).Attr("from", from.ToString());
        if (!string.IsNullOrEmpty(reason)) told.Add("reason", r => r.Text(reason));
        told.Add(invite.Child("continue"));
        var x = new Element("x", MucNames.User).Add(told);
        if (room.Config.Password is { } password) x.Add("password", p => p.Text(password));
        var element = new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Attr("to", to.ToString()).Add(x)
            // For clients that know direct invitations alone (XEP-0249).
            .Add(new Element("x", MucNames.DirectInvite).Attr("jid", room.Address.ToString()).Attr("reason", reason).Attr("password", room.Config.Password));
        room.Out.Send(new Message(element));
    }

    private void Decline(Message message, Element decline)
    {
        if (!Jid.TryParse(decline["to"], out var to))
        {
            room.Out.Refuse(message, StanzaCondition.JidMalformed);
            return;
        }

        var by = to.Bare == room.Address && to.Resource is { } nick ? room.Occupants.Find(nick)?.Account : to.Bare;
        var reason = decline.Child("reason")?.Value;
        if (by is null || reason?.Length > room.Rules.MaxTextLength || !_open.Remove((message.From!.Bare, by)))
        {
            room.Out.Refuse(message, StanzaCondition.Forbidden, "There is no such invitation.");
            return;
        }

        var told = new Element("decline", MucNames.User).Attr("from", message.From.Bare.ToString());
        if (!string.IsNullOrEmpty(reason)) told.Add("reason", r => r.Text(reason));
        var answer = new Message(new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Add(new Element("x", MucNames.User).Add(told)));
        var there = room.Occupants.OfAccount(by).SelectMany(o => o.Sessions).ToList();
        if (there.Count == 0) room.Out.Send(answer.CopyFor(by));
        foreach (var session in there) room.Out.Send(answer.CopyFor(session.Jid));
    }

    private void Remember(Jid invited, Jid by)
    {
        if (!_open.Add((invited, by))) return;
        _order.Enqueue((invited, by));
        while (_order.Count > MostRemembered) _open.Remove(_order.Dequeue());
    }
}
