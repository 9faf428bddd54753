using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What is said to everybody (XEP-0045 section 7.4), the subject among it (section 8.1).</summary>
internal sealed class Messages(RoomState room)
{
    /// <summary>Judges a message to the room; null if it was refused.</summary>
    public PreparedMessage? Prepare(Message message)
    {
        if (room.Occupants.Of(message.From) is not { } author) return Refuse(message, StanzaCondition.NotAcceptable, "You are not in the room.");
        var (children, bytes) = MessageContent.Of(message.Element, room.Address);
        if (bytes > room.Rules.MaxMessageBytes) return Refuse(message, StanzaCondition.PolicyViolation, "The message is too long.");
        var subject = message.Element.Child("subject", Ns.Client);
        // With a body it is a message that has a subject of its own (section 7.2.15).
        var isSubjectChange = subject is not null && message.Body is null && message.Element.Child("thread", Ns.Client) is null;
        if (isSubjectChange && !MayChangeSubject(author)) return Refuse(message, StanzaCondition.Forbidden, "You may not change the subject.");
        if (author.Role < Role.Participant) return Refuse(message, StanzaCondition.Forbidden, "Visitors may not speak.");
        if (isSubjectChange && subject!.Value.Length > room.Rules.MaxTextLength) return Refuse(message, StanzaCondition.NotAcceptable, "The subject is too long.");

        var content = new Element("message", Ns.Client).Attr("from", author.Address.ToString()).Attr("type", "groupchat").Attr("id", message.Id)
            .Attr("lang", message.Element.Attribute("lang", "http://www.w3.org/XML/1998/namespace"), "http://www.w3.org/XML/1998/namespace")
            .Add(children).Add(RoomState.OccupantIdElement(author.Id));
        return new PreparedMessage(content, author.Account, author.Id)
        {
            IsArchived = room.IsArchived && MessageContent.IsArchived(content),
            Archived = new Message(WithRealAddress(content, author)),
            Sender = message.From,
            Original = message,
            Subject = isSubjectChange ? new Subject(subject!.Value, author.Nick, author.Id, room.Now) : null,
            Retracts = RetractionOf(message, author),
        };
    }

    /// <summary>Sends a message that has its id to everybody; one that was sent before to whoever sent it again, with the id that it got then.</summary>
    public void Reflect(PreparedMessage prepared, string? id, bool isDuplicate)
    {
        var message = new Message(id is null ? prepared.Content : prepared.Content.Copy().Add(new Element("stanza-id", Ns.StanzaIds).Attr("by", room.Address.ToString()).Attr("id", id)));
        if (isDuplicate)
        {
            if (prepared.Sender is { } sender) room.Out.Send(message.CopyFor(sender));
            return;
        }

        if (prepared.Subject is { } subject)
        {
            room.Subject = subject;
            room.Out.Changes.Room = true;
        }

        if (prepared.Retracts is { } retracts) Retract(retracts, prepared.Content["id"]);
        if (id is not null && History.IsKept(prepared.Content)) room.History.Add(new HistoryEntry(id, room.Now, prepared.AuthorId, History.Stamp(message, room.Address.ToString(), room.Now)), room.Rules.MaxHistory);
        foreach (var occupant in room.Occupants.All)
        {
            foreach (var session in occupant.Sessions) room.Out.Send(message.CopyFor(session.Jid));
        }

        if (prepared.Request is { } request) room.Out.Answer(request);
    }

    // Whoever comes later does not see what was taken back (XEP-0424 section 6), if it was by its author, or by a moderator.
    private void Retract(Tombstone retracted, string? by)
    {
        if (room.History.Find(retracted.Id) is { } entry && (retracted.AuthorId is null || entry.AuthorId == retracted.AuthorId)) room.History.Remove(entry);
        if (!room.IsArchived) return;
        var element = retracted.AuthorId is null ? retracted.Retracted : retracted.Retracted.Copy().Attr("id", by);
        room.Out.Changes.Tombstones.Add(retracted with { Retracted = element });
    }

    private Tombstone? RetractionOf(Message message, Occupant author) =>
        message.Element.Child("retract", MucNames.Retract) is { } retract && retract["id"] is { Length: > 0 } id
            ? new Tombstone(id, author.Id, new Element("retracted", MucNames.Retract).Attr("stamp", Times.Write(room.Now))) : null;

    private Element WithRealAddress(Element content, Occupant author) => !room.Config.IsNonAnonymous ? content
        : content.Copy().Add(new Element("x", MucNames.User).Add(UserExtension.Item(room.AffiliationOf(author.Account), author.Role, author.Shown.Jid)));

    private bool MayChangeSubject(Occupant author) => author.Role == Role.Moderator || (room.Config.MayChangeSubject && author.Role >= Role.Participant);

    private PreparedMessage? Refuse(Message message, StanzaCondition condition, string text)
    {
        room.Out.Refuse(message, condition, text);
        return null;
    }
}
