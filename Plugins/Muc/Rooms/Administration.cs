using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Requests of <c>muc#admin</c> (XEP-0045 sections 8 and 9): lists of roles and affiliations, and changes of them. A request with several changes is judged whole before anything changes.</summary>
internal sealed class Administration(RoomState room, RoleChanges roles, AffiliationChanges affiliations)
{
    // Of one list, in characters. Whom it names is more than why.
    private const int MaxReasons = 256 * 1024;

    /// <summary>Answers a request.</summary>
    public void Take(Iq iq)
    {
        var items = iq.Payload!.ChildrenNamed("item", MucNames.Admin).ToList();
        if (items.Count == 0 || (iq.Type == "get" && items.Count > 1))
        {
            room.Out.Refuse(iq, StanzaCondition.BadRequest);
            return;
        }

        if (iq.Type == "get") List(iq, items[0]);
        else Change(iq, items);
    }

    private void List(Iq iq, Element item)
    {
        var asker = room.Occupants.Of(iq.From);
        var own = room.AffiliationOf(iq.From!);
        var query = new Element("query", MucNames.Admin);
        if (Ranks.TryAffiliation(item["affiliation"], out var affiliation) && affiliation != Affiliation.None)
        {
            if (!MayList(asker, own, affiliation))
            {
                room.Out.Refuse(iq, StanzaCondition.Forbidden);
                return;
            }

            var reasons = 0;
            foreach (var (account, entry) in room.Affiliations.With(affiliation).OrderBy(e => e.Key.ToString(), StringComparer.Ordinal))
            {
                // Why somebody was banned is between those who ban.
                var reason = own >= Affiliation.Admin && reasons + entry.Reason?.Length <= MaxReasons ? entry.Reason : null;
                reasons += reason?.Length ?? 0;
                query.Add("item", i => Reason(i.Attr("affiliation", affiliation.Word()).Attr("jid", account.ToString()).Attr("nick", entry.Nick), reason));
            }
        }
        else if (Ranks.TryRole(item["role"], out var role) && role != Role.None)
        {
            if (asker?.Role != Role.Moderator && own < Affiliation.Admin)
            {
                room.Out.Refuse(iq, StanzaCondition.Forbidden);
                return;
            }

            foreach (var occupant in room.Occupants.All.Where(o => o.Role == role))
                query.Add("item", i => i.Attr("affiliation", room.AffiliationOf(occupant.Account).Word()).Attr("role", role.Word()).Attr("nick", occupant.Nick).Attr("jid", occupant.Shown.Jid.ToString()));
        }
        else
        {
            room.Out.Refuse(iq, StanzaCondition.BadRequest);
            return;
        }

        room.Out.Answer(iq, query);
    }

    // Members' addresses are no secret where everybody sees them anyway; in other rooms they are the moderators' to know (section 9.5).
    private bool MayList(Occupant? asker, Affiliation own, Affiliation list)
    {
        if (own >= Affiliation.Admin) return true;
        if (list == Affiliation.Outcast) return false;
        if (room.Config.IsMembersOnly && room.Config.IsNonAnonymous && own >= Affiliation.Member) return true;
        return asker is not null && room.SeesAddresses(asker) && room.Config.MemberListFor.Has(asker.Role);
    }

    private void Change(Iq iq, List<Element> items)
    {
        if (items.Count > room.Rules.MaxItemsPerRequest)
        {
            room.Out.Refuse(iq, StanzaCondition.PolicyViolation, "Too many changes in one request.");
            return;
        }

        List<Action> apply = [];
        var plan = new AffiliationPlan(room);
        foreach (var item in items)
        {
            var reason = item.Child("reason")?.Value;
            var error = reason?.Length > room.Rules.MaxTextLength ? new StanzaError(StanzaCondition.NotAcceptable, "The reason is too long.")
                : item["affiliation"] is not null ? affiliations.Plan(iq, item, reason, plan, apply)
                : item["role"] is not null ? roles.Plan(iq, item, reason, apply)
                : new StanzaError(StanzaCondition.BadRequest);
            if (error is not null)
            {
                room.Out.Refuse(iq, error);
                return;
            }
        }

        if (plan.Judge() is { } fault)
        {
            room.Out.Refuse(iq, fault);
            return;
        }

        foreach (var change in apply) change();
        room.Out.Answer(iq);
    }

    private static void Reason(Element item, string? reason)
    {
        if (reason is not null) item.Add("reason", r => r.Text(reason));
    }
}
