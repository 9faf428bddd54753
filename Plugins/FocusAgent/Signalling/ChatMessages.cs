using System.Globalization;
using Parley.Plugins.FocusAgent.Conferences;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Signalling;

/// <summary>Writes lines of a room's chat.</summary>
public static class ChatMessages
{
    /// <summary>The message that brings a line to somebody.</summary>
    /// <param name="line">The line.</param>
    /// <param name="room">The room.</param>
    /// <param name="to">The receiver.</param>
    /// <param name="isHistory">It was said before the receiver came (XEP-0203).</param>
    public static Message Write(ChatLine line, Jid room, Jid to, bool isHistory)
    {
        var message = new Element("message", Ns.Client).Attr("type", "groupchat").Attr("from", room.Bare.WithResource(line.Author).ToString()).Attr("to", to.ToString()).Attr("id", line.MessageId)
            .Add("body", b => b.Text(line.Body))
            .Add(new Element("nick", Ns.Nick).Text(line.Name));
        if (isHistory)
            message.Add(new Element("delay", Ns.Delay).Attr("from", room.Bare.ToString()).Attr("stamp", line.At.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture)));
        return new Message(message);
    }
}
