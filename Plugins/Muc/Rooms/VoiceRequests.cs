using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Asking for voice (XEP-0045 section 7.13) and giving it on request (8.6).</summary>
internal sealed class VoiceRequests(RoomState room, RoleChanges roles)
{
    /// <summary>Takes a message with a form about voice; false if it has none.</summary>
    public bool TryTake(Message message)
    {
        if (message.Type == "groupchat" || DataForm.Within(message.Element) is not { Type: "submit", FormType: MucNames.Request } form) return false;
        if (room.Occupants.Of(message.From) is not { } occupant) room.Out.Refuse(message, StanzaCondition.NotAcceptable, "You are not in the room.");
        else if (form.Find("muc#request_allow") is not null) Decide(message, form, occupant);
        else Ask(message, form, occupant);
        return true;
    }

    private void Ask(Message message, DataForm form, Occupant occupant)
    {
        if (form.Value("muc#role") is not ("participant" or null))
        {
            room.Out.Refuse(message, StanzaCondition.BadRequest);
            return;
        }

        if (occupant.Role != Role.Visitor)
        {
            room.Out.Refuse(message, StanzaCondition.UnexpectedRequest, "You may speak already.");
            return;
        }

        var approval = new DataForm("form", MucNames.Request) { Title = "Voice request", Instructions = "Say whether this person may speak." }
            .Add(new FormField("muc#role", "list-single", ["participant"]) { Label = "Requested role", Options = [("Participant", "participant")] })
            .Add("muc#jid", "jid-single", occupant.Shown.Jid.ToString(), "Address").Add("muc#roomnick", "text-single", occupant.Nick, "Nickname").Add("muc#request_allow", false, "May speak");
        var asked = new Message(new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Add(approval.ToElement()));
        foreach (var session in room.Occupants.All.Where(o => o.Role == Role.Moderator).SelectMany(o => o.Sessions)) room.Out.Send(asked.CopyFor(session.Jid));
    }

    private void Decide(Message message, DataForm form, Occupant moderator)
    {
        if (moderator.Role != Role.Moderator)
        {
            room.Out.Refuse(message, StanzaCondition.Forbidden);
            return;
        }

        if (form.Flag("muc#request_allow") != true) return;
        // Whoever asked may have left, or may speak by now.
        if (form.Value("muc#roomnick") is { } nick && room.Occupants.Find(nick) is { Role: Role.Visitor } visitor) roles.Apply(visitor, Role.Participant, new Change(moderator.Nick));
    }
}
