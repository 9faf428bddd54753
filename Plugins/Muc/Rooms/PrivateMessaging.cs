using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What one occupant writes to another (XEP-0045 section 7.5). It goes to all clients of the addressee.</summary>
internal sealed class PrivateMessaging(RoomState room)
{
    /// <summary>Takes a message to an occupant's address.</summary>
    public void Take(Message message)
    {
        if (message.Type == "groupchat")
        {
            room.Out.Refuse(message, StanzaCondition.BadRequest, "A message to everybody is sent to the room itself.");
            return;
        }

        if (room.Occupants.Of(message.From) is not { } author)
        {
            room.Out.Refuse(message, StanzaCondition.NotAcceptable, "You are not in the room.");
            return;
        }

        if (room.StandIns.Has(message.To!.Resource!))
        {
            room.Out.Refuse(message, StanzaCondition.ServiceUnavailable, "A service has that nickname; it is at its real address.");
            return;
        }

        if (room.Occupants.Find(message.To!.Resource!) is not { } addressee)
        {
            room.Out.Refuse(message, StanzaCondition.ItemNotFound, "Nobody has that nickname.");
            return;
        }

        // To moderators anybody may turn, unless nobody may write at all.
        if (!message.IsError && !IsAllowed(author, addressee))
        {
            room.Out.Refuse(message, StanzaCondition.Forbidden, "Private messages are not allowed.");
            return;
        }

        var (children, bytes) = MessageContent.Of(message.Element, room.Address);
        if (bytes > room.Rules.MaxMessageBytes)
        {
            room.Out.Refuse(message, StanzaCondition.PolicyViolation, "The message is too long.");
            return;
        }

        var relayed = new Message(new Element("message", Ns.Client).Attr("from", author.Address.ToString()).Attr("type", message.Type).Attr("id", message.Id)
            .Add(children).Add(RoomState.OccupantIdElement(author.Id)).Add(UserExtension.Of()));
        foreach (var session in addressee.Sessions) room.Out.Send(relayed.CopyFor(session.Jid));
    }

    private bool IsAllowed(Occupant author, Occupant addressee) => room.Config.PrivateMessages switch
    {
        PrivateMessages.Anyone => true,
        PrivateMessages.Participants => author.Role >= Role.Participant || addressee.Role == Role.Moderator,
        PrivateMessages.Moderators => author.Role == Role.Moderator || addressee.Role == Role.Moderator,
        _ => false,
    };
}
