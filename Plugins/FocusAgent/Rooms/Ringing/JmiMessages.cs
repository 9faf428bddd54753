using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Rooms.Ringing;

/// <summary>Calls by message (XEP-0353) as the room says them.</summary>
public static class JmiMessages
{
    /// <summary>The longest id of a call that is read.</summary>
    public const int MaxId = 256;

    /// <summary>Proposes a call (section 3.1).</summary>
    public static Message Propose(Jid focus, Jid callee, string id, bool withVideo)
    {
        var propose = new Element("propose", Ns.JingleMessage).Attr("id", id).Add(Description("audio"));
        if (withVideo) propose.Add(Description("video"));
        return Write(focus, callee, id, propose);
    }

    /// <summary>Takes a proposal back (section 3.3).</summary>
    public static Message Retract(Jid focus, Jid callee, string id, JingleCondition why, bool isTieBreak = false)
    {
        var retract = new Element("retract", Ns.JingleMessage).Attr("id", id).Add(new JingleReason(why).ToElement());
        if (isTieBreak) retract.Add(new Element("tie-break", Ns.JingleMessage));
        return Write(focus, callee, null, retract);
    }

    /// <summary>Says that a call is over (section 3.7).</summary>
    public static Message Finish(Jid focus, Jid peer, string id, JingleCondition why) =>
        Write(focus, peer, null, new Element("finish", Ns.JingleMessage).Attr("id", id).Add(new JingleReason(why).ToElement()));

    /// <summary>What a message says of a call: its element and the call's id; null if it says nothing.</summary>
    public static (Element Said, string Id)? Read(Message message)
    {
        var said = message.Element.Children.FirstOrDefault(c => c.Namespace == Ns.JingleMessage && c.Name is "propose" or "ringing" or "proceed" or "reject" or "retract" or "finish");
        return said?["id"] is { Length: > 0 and <= MaxId } id ? (said, id) : null;
    }

    // The message's own id too is the call's: an error that comes back has nothing else of it for certain.
    private static Message Write(Jid from, Jid to, string? id, Element said) => new(new Element("message", Ns.Client).Attr("type", "chat").Attr("id", id)
        .Attr("from", from.ToString()).Attr("to", to.ToString()).Add(said).Add(new Element("store", Ns.Hints)));

    private static Element Description(string media) => new Element("description", Ns.JingleRtp).Attr("media", media);
}
