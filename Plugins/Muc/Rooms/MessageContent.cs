using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What of a stanza that came to a room goes on to others: all but what is the room's alone to say.</summary>
internal static class MessageContent
{
    private const string ChatStates = "http://jabber.org/protocol/chatstates";

    /// <summary>The children that go on, and how many bytes they are.</summary>
    public static (List<Element> Children, int Bytes) Of(Element stanza, Jid room)
    {
        List<Element> kept = [.. stanza.Children.Where(c => !IsRooms(c, room))];
        return (kept, kept.Sum(c => c.ToUtf8().Length));
    }

    /// <summary>Whether a message is worth archiving: something was said or done, and its writer does not forbid it (XEP-0334).</summary>
    public static bool IsArchived(Element message)
    {
        if (message.Child("no-store", Ns.Hints) is not null || message.Child("no-permanent-store", Ns.Hints) is not null) return false;
        return message.Children.Any(c => c.Namespace is not (ChatStates or Ns.Hints or MucNames.OccupantId or MucNames.User or Ns.StanzaIds) && !c.Is("thread", Ns.Client)) || message.Child("store", Ns.Hints) is not null;
    }

    // Nobody speaks for the room (XEP-0359 section 3, XEP-0421 section 4), nor wears a hat that it did not give.
    private static bool IsRooms(Element child, Jid room) => child.Namespace switch
    {
        MucNames.User or MucNames.Muc or MucNames.OccupantId or MucNames.Hats => true,
        Ns.StanzaIds => child.Name == "stanza-id" && Jid.TryParse(child["by"], out var by) && by == room,
        Ns.Delay => Jid.TryParse(child["from"], out var from) && from == room,
        MucNames.Moderate => true,
        MucNames.Retract => child.Child("moderated", MucNames.Moderate) is not null || child.Name == "retracted",
        _ => false,
    };
}
