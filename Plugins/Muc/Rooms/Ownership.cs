using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Requests of <c>muc#owner</c>: configuration (XEP-0045 sections 10.1 and 10.2) and destruction (10.9).</summary>
internal sealed class Ownership(RoomState room, AffiliationChanges affiliations, Leaving leaving)
{
    /// <summary>Answers a request.</summary>
    public void Take(Iq iq)
    {
        if (room.AffiliationOf(iq.From!) != Affiliation.Owner)
        {
            room.Out.Refuse(iq, StanzaCondition.Forbidden);
            return;
        }

        if (iq.Type == "get")
        {
            room.Out.Answer(iq, new Element("query", MucNames.Owner).Add(ConfigForm.Write(room).ToElement()));
            return;
        }

        if (iq.Payload!.Child("destroy") is { } destroy)
        {
            Destroy(iq, destroy);
            return;
        }

        switch (DataForm.Within(iq.Payload))
        {
            case { Type: "cancel" }:
                Cancel(iq);
                break;
            case { Type: "submit" } form when form.FormType is MucNames.RoomConfig or null:
                Submit(iq, form);
                break;
            case null when iq.Payload.Child("x", DataForm.Namespace) is null && !iq.Payload.Children.Any() && room.IsLocked:
                Submit(iq, new DataForm("submit")); // some clients make an instant room by an empty query
                break;
            default:
                room.Out.Refuse(iq, StanzaCondition.BadRequest);
                break;
        }
    }

    // To cancel the first configuration is to give the room up (section 10.1.3).
    private void Cancel(Iq iq)
    {
        room.Out.Answer(iq);
        if (!room.IsLocked) return;
        leaving.RemoveAll([], more: new Element("destroy", MucNames.User));
        room.Out.Changes.IsDestroyed = true;
    }

    private void Submit(Iq iq, DataForm form)
    {
        var submitted = ConfigSubmission.Read(room.Config, form, room.Rules, out var fault);
        if (fault is not null)
        {
            room.Out.Refuse(iq, StanzaCondition.NotAcceptable, fault);
            return;
        }

        List<Action> changes = [];
        var plan = new AffiliationPlan(room);
        // Who is in both lists is an owner; who only changes from one to the other is never neither: a room for members would put them out.
        var (owners, admins) = (submitted.Owners, submitted.Admins?.Except(submitted.Owners ?? []).ToList());
        PlanList(owners, Affiliation.Owner, admins ?? [], plan, changes);
        PlanList(admins, Affiliation.Admin, owners ?? [], plan, changes);
        if (plan.Judge() is { } error)
        {
            room.Out.Refuse(iq, error);
            return;
        }

        var before = room.Config;
        room.Config = submitted.Config;
        room.Out.Changes.Room = true;
        var wasLocked = room.IsLocked;
        room.IsLocked = false;
        foreach (var occupant in room.Occupants.All) occupant.Templates = default;
        foreach (var change in changes) change();
        if (room.Config.IsMembersOnly && !before.IsMembersOnly) affiliations.RemoveStrangers(322);
        if (!wasLocked) TellChange(before);
        room.Out.Answer(iq);
    }

    // The lists of the form are whole, not changes (section 10.5, note).
    private void PlanList(IReadOnlyList<Jid>? wanted, Affiliation affiliation, IReadOnlyList<Jid> other, AffiliationPlan plan, List<Action> changes)
    {
        if (wanted is null) return;
        foreach (var (account, _) in room.Affiliations.With(affiliation))
        {
            if (wanted.Contains(account) || other.Contains(account)) continue;
            plan.Set(account, Affiliation.None);
            changes.Add(() => affiliations.Apply(account, Affiliation.None, null));
        }

        foreach (var account in wanted)
        {
            if (room.Affiliations.Find(account)?.Affiliation == affiliation) continue;
            plan.Set(account, affiliation);
            changes.Add(() => affiliations.Apply(account, affiliation, null));
        }
    }

    private void TellChange(RoomConfig before)
    {
        List<int> codes = [];
        if (before.IsNonAnonymous != room.Config.IsNonAnonymous) codes.Add(room.Config.IsNonAnonymous ? 172 : 173);
        if (room.HasArchive && before.IsLogged != room.Config.IsLogged) codes.Add(room.Config.IsLogged ? 170 : 171);
        var after = room.Config with { Whois = before.Whois, IsLogged = before.IsLogged };
        if (codes.Count == 0 || after != before) codes.Add(104);
        Tell([.. codes]);
    }

    /// <summary>Tells everybody of a change of the room itself (section 10.2.1).</summary>
    public void Tell(params ReadOnlySpan<int> codes)
    {
        var message = new Message(new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Attr("type", "groupchat").Add(UserExtension.Of(codes)));
        foreach (var full in room.Occupants.Addresses) room.Out.Send(message.CopyFor(full));
    }

    private void Destroy(Iq iq, Element destroy)
    {
        Jid? venue = null;
        if (destroy["jid"] is { } text && !Jid.TryParse(text, out venue))
        {
            room.Out.Refuse(iq, StanzaCondition.JidMalformed);
            return;
        }

        var reason = destroy.Child("reason")?.Value;
        var password = destroy.Child("password")?.Value;
        if (reason?.Length > room.Rules.MaxTextLength || password?.Length > room.Rules.MaxTextLength)
        {
            room.Out.Refuse(iq, StanzaCondition.NotAcceptable, "The reason is too long.");
            return;
        }

        var told = new Element("destroy", MucNames.User).Attr("jid", venue?.ToString());
        if (!string.IsNullOrEmpty(reason)) told.Add("reason", r => r.Text(reason));
        if (!string.IsNullOrEmpty(password)) told.Add("password", p => p.Text(password));
        leaving.RemoveAll([], more: told);
        room.Out.Changes.IsDestroyed = true;
        room.Out.Answer(iq);
    }
}
