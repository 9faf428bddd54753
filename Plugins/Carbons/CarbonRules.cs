using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>Which messages are copied (XEP-0280 section 6.1).</summary>
public static class CarbonRules
{
    private const string Receipts = "urn:xmpp:receipts", ChatStates = "http://jabber.org/protocol/chatstates", Markers = "urn:xmpp:chat-markers:0";
    private const string MucUser = "http://jabber.org/protocol/muc#user", DirectInvitation = "jabber:x:conference", Hints = "urn:xmpp:hints";

    /// <summary>Whether a message is copied to the other clients of the account that it comes from or goes to.</summary>
    /// <param name="message">The message.</param>
    /// <param name="isReceived">Whether it is the receiver's clients that would be told.</param>
    public static bool IsCopied(Message message, bool isReceived)
    {
        var element = message.Element;
        if (message.Type is "groupchat" or "headline" || element.Child("private", Ns.Carbons) is not null || element.Child("no-copy", Hints) is not null) return false;
        // A copy of a copy says nothing new.
        if (element.Child("sent", Ns.Carbons) is not null || element.Child("received", Ns.Carbons) is not null) return false;
        if (element.Child("x", DirectInvitation) is not null) return true;
        if (element.Child("x", MucUser) is { } muc)
        {
            if (muc.Child("invite") is not null) return true;
            // A room gives a private message to each of its occupant's clients by itself.
            if (isReceived) return false;
        }

        return message.Type == "chat"
            || (message.Type is null or "normal" && element.Child("body") is not null)
            || element.Children.Any(c => c.Namespace is Receipts or ChatStates or Markers or Ns.JingleMessage);
    }
}
