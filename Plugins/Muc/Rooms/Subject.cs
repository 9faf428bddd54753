using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>A room's subject.</summary>
/// <param name="Text">What it says; empty for none.</param>
/// <param name="Nick">The nickname of who set it; null if nobody did.</param>
/// <param name="OccupantId">Their occupant id.</param>
/// <param name="At">When; null if nobody did.</param>
public sealed record Subject(string Text, string? Nick, string? OccupantId, DateTimeOffset? At)
{
    /// <summary>None was ever set.</summary>
    public static Subject None { get; } = new("", null, null, null);

    /// <summary>The message that tells it to somebody who enters (XEP-0045 section 7.2.15): there always is one, with an empty subject too.</summary>
    internal Message ToMessage(Jid room)
    {
        var from = Nick is null ? room : room.WithResource(Nick);
        var element = new Element("message", Ns.Client).Attr("from", from.ToString()).Attr("type", "groupchat").Add("subject", s => s.Text(Text));
        if (OccupantId is not null) element.Add(RoomState.OccupantIdElement(OccupantId));
        var message = new Message(element);
        return At is { } at ? DelayStamp.Add(message, room.ToString(), at) : message;
    }
}
