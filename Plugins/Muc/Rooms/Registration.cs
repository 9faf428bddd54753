using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>
/// Registering a nickname, and with it membership (XEP-0045 section 7.10). In an open room it is done at once; where only members enter, the admins who are there are asked (section 9.9).
/// </summary>
internal sealed class Registration(RoomState room, AffiliationChanges affiliations)
{
    private const string NickField = "muc#register_roomnick";

    /// <summary>Answers a request of <c>jabber:iq:register</c>.</summary>
    public void Take(Iq iq)
    {
        var account = iq.From!.Bare;
        var affiliation = room.AffiliationOf(account);
        if (room.IsLocked || account.Local is null) room.Out.Refuse(iq, room.IsLocked ? StanzaCondition.ItemNotFound : StanzaCondition.NotAllowed);
        else if (affiliation == Affiliation.Outcast) room.Out.Refuse(iq, StanzaCondition.NotAllowed);
        else if (iq.Type == "get") Describe(iq, room.Affiliations.Find(account)?.Nick);
        else if (iq.Payload!.Child("remove") is not null) Remove(iq, account);
        else Submit(iq, account, affiliation);
    }

    /// <summary>Takes an admin's decision about a request; false if the message is none.</summary>
    public bool TryDecide(Message message)
    {
        if (message.Type == "groupchat" || DataForm.Within(message.Element) is not { Type: "submit", FormType: MucNames.RegisterForm } form || form.Find("muc#register_allow") is null) return false;
        if (room.AffiliationOf(message.From!) < Affiliation.Admin) room.Out.Refuse(message, StanzaCondition.Forbidden);
        else if (!Jid.TryParse(form.Value("muc#register_jid"), out var account)) room.Out.Refuse(message, StanzaCondition.JidMalformed);
        else if (form.Flag("muc#register_allow") == true && Judge(account.Bare, form.Value(NickField)) is { } error) room.Out.Refuse(message, error);
        else if (form.Flag("muc#register_allow") == true && room.AffiliationOf(account) != Affiliation.Outcast) Register(account.Bare, form.Value(NickField)!);
        return true;
    }

    private void Describe(Iq iq, string? nick)
    {
        var query = new Element("query", MucNames.Register);
        if (nick is not null) query.Add("registered").Add("username", u => u.Text(nick));
        else query.Add("instructions", i => i.Text("Choose the nickname that is kept for you."));
        query.Add(new DataForm("form", MucNames.RegisterForm) { Title = "Registration" }.Add(new FormField(NickField, "text-single", nick is null ? [] : [nick]) { Label = "Nickname", IsRequired = true }).ToElement());
        room.Out.Answer(iq, query);
    }

    private void Remove(Iq iq, Jid account)
    {
        if (room.Affiliations.Find(account) is not { Nick: not null } entry)
        {
            room.Out.Refuse(iq, StanzaCondition.RegistrationRequired, "You are not registered.");
            return;
        }

        // Who is more than a member stays so without the nickname.
        room.Affiliations.Set(account, entry with { Nick = null });
        room.Out.Changes.Affiliations.Add(account);
        if (entry.Affiliation == Affiliation.Member) affiliations.Apply(account, Affiliation.None, null);
        room.Out.Answer(iq);
    }

    private void Submit(Iq iq, Jid account, Affiliation affiliation)
    {
        if (DataForm.Within(iq.Payload!) is not { Type: "submit", FormType: MucNames.RegisterForm } form || form.Value(NickField)?.Trim() is not { Length: > 0 } nick)
        {
            room.Out.Refuse(iq, StanzaCondition.BadRequest);
            return;
        }

        if (Judge(account, nick) is { } error)
        {
            room.Out.Refuse(iq, error);
            return;
        }

        // A member has voice and reads the archive: where not everybody may, it is the admins' to give.
        if (affiliation < Affiliation.Member && (room.Config.IsMembersOnly || room.Config.IsModerated || room.Config.Password is not null))
        {
            Ask(iq, account, nick);
            return;
        }

        Register(account, nick);
        room.Out.Answer(iq);
    }

    private StanzaError? Judge(Jid account, string? nick)
    {
        if (nick is not { Length: > 0 } || nick.Length > room.Rules.MaxNickLength || !Jid.TryCreate(room.Address.Local, room.Address.Domain, nick, out _)) return new StanzaError(StanzaCondition.NotAcceptable, "That cannot be a nickname.");
        if (room.Affiliations.HolderOf(nick) is { } holder && holder != account) return new StanzaError(StanzaCondition.Conflict, "The nickname is taken.");
        if (room.Occupants.Find(nick) is { } there && there.Account != account) return new StanzaError(StanzaCondition.Conflict, "The nickname is taken.");
        // Half is left to the admins, who must always be able to ban.
        return room.Affiliations.Find(account) is null && room.Affiliations.Count >= room.Rules.MaxAffiliations / 2 ? new StanzaError(StanzaCondition.ResourceConstraint, "The room has as many members as it may.") : null;
    }

    private void Register(Jid account, string nick)
    {
        var affiliation = room.Affiliations.Find(account)?.Affiliation ?? Affiliation.None;
        if (affiliation < Affiliation.Member)
        {
            affiliations.Apply(account, Affiliation.Member, null, nick);
            return;
        }

        room.Affiliations.Set(account, room.Affiliations.Find(account)! with { Nick = nick });
        room.Out.Changes.Affiliations.Add(account);
    }

    private void Ask(Iq iq, Jid account, string nick)
    {
        var admins = room.Occupants.All.Where(o => room.AffiliationOf(o.Account) >= Affiliation.Admin).SelectMany(o => o.Sessions).ToList();
        if (admins.Count == 0)
        {
            room.Out.Refuse(iq, StanzaCondition.NotAllowed, "Nobody is there who could let you in.");
            return;
        }

        var form = new DataForm("form", MucNames.RegisterForm) { Title = "Registration request", Instructions = "Say whether this person may become a member." }
            .Add(NickField, "text-single", nick, "Nickname").Add("muc#register_jid", "jid-single", account.ToString(), "Address").Add("muc#register_allow", false, "May become a member");
        var asked = new Message(new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Add(form.ToElement()));
        foreach (var session in admins) room.Out.Send(asked.CopyFor(session.Jid));
        room.Out.Answer(iq);
    }
}
