using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Push;

/// <summary>Whether a message is worth waking somebody for.</summary>
internal enum Weight
{
    /// <summary>It is not: typing, receipts, markers, errors.</summary>
    None,
    /// <summary>Somebody wrote something.</summary>
    Words,
    /// <summary>Somebody calls, or no longer does (XEP-0353).</summary>
    Call,
}

/// <summary>Weighs messages.</summary>
internal static class MessageWeight
{
    private const string Omemo = "eu.siacs.conversations.axolotl", Omemo2 = "urn:xmpp:omemo:2", OpenPgp = "urn:xmpp:openpgp:0", OldPgp = "jabber:x:encrypted";
    private const string MucUser = "http://jabber.org/protocol/muc#user", DirectInvitation = "jabber:x:conference";

    /// <summary>What a message weighs.</summary>
    public static Weight Of(Message message)
    {
        var element = message.Element;
        if (message.Type is "error" or "headline") return Weight.None;
        foreach (var child in element.Children)
        {
            if (child.Namespace == Ns.JingleMessage) return child.Name is "propose" or "retract" && message.Type != "groupchat" ? Weight.Call : Weight.None;
        }

        // What a room repeats to whoever enters is not new.
        if (message.Type == "groupchat" && element.Child("delay", Ns.Delay) is not null) return Weight.None;
        return HasWords(element) ? Weight.Words : Weight.None;
    }

    private static bool HasWords(Xmpp.Core.Xml.Element element) => element.Child("body", Ns.Client) is not null
        // An OMEMO message without a payload carries keys alone.
        || element.Child("encrypted", Omemo)?.Child("payload") is not null || element.Child("encrypted", Omemo2)?.Child("payload") is not null
        || element.Child("openpgp", OpenPgp) is not null || element.Child("x", OldPgp) is not null
        || element.Child("x", DirectInvitation) is not null || element.Child("x", MucUser)?.Child("invite") is not null;
}
