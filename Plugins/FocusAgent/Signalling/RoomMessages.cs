using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>Writes what a room says to one person, as a contact would.</summary>
public static class RoomMessages
{
    /// <summary>A message from a room.</summary>
    public static Message Write(Jid room, Jid to, string body) => new(new Element("message", Ns.Client).Attr("type", "chat").Attr("from", room.Bare.ToString()).Attr("to", to.ToString()).Add("body", b => b.Text(body)));
}
