using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Taking back what another said (XEP-0425).</summary>
internal sealed class Moderation(RoomState room)
{
    /// <summary>The id of the message that a request is about; null if the request is none of these.</summary>
    public static string? TargetOf(Iq iq) => iq is { Type: "set", Payload: { } payload } && payload.Is("moderate", MucNames.Moderate) ? payload["id"] : null;

    /// <summary>Judges a request; null if it was refused.</summary>
    /// <param name="iq">The request.</param>
    /// <param name="isArchived">Whether the archive has that message.</param>
    public PreparedMessage? Prepare(Iq iq, bool isArchived)
    {
        var moderate = iq.Payload!;
        if (moderate["id"] is not { Length: > 0 } id || moderate.Child("retract", MucNames.Retract) is null) return Refuse(iq, StanzaCondition.BadRequest);
        if (room.Occupants.Of(iq.From) is not { Role: Role.Moderator } moderator) return Refuse(iq, StanzaCondition.Forbidden);
        if (!isArchived && room.History.Find(id) is null) return Refuse(iq, StanzaCondition.ItemNotFound);
        var reason = moderate.Child("reason")?.Value;
        if (reason?.Length > room.Rules.MaxTextLength) return Refuse(iq, StanzaCondition.NotAcceptable);

        var moderated = new Element("moderated", MucNames.Moderate).Attr("by", moderator.Address.ToString()).Add(RoomState.OccupantIdElement(moderator.Id)).Freeze();
        var retract = new Element("retract", MucNames.Retract).Attr("id", id).Add(moderated);
        var retracted = new Element("retracted", MucNames.Retract).Attr("stamp", Times.Write(room.Now)).Add(moderated);
        if (!string.IsNullOrEmpty(reason))
        {
            retract.Add("reason", r => r.Text(reason));
            retracted.Add("reason", r => r.Text(reason));
        }

        var content = new Element("message", Ns.Client).Attr("from", room.Address.ToString()).Attr("type", "groupchat").Add(retract);
        return new PreparedMessage(content, room.Address, null)
        {
            IsArchived = room.IsArchived,
            Archived = new Message(content.Freeze()),
            Request = iq,
            Retracts = new Tombstone(id, null, retracted),
        };
    }

    private PreparedMessage? Refuse(Iq iq, StanzaCondition condition)
    {
        room.Out.Refuse(iq, condition);
        return null;
    }
}
