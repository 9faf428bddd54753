using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Archive;

/// <summary>Which messages belong into an account's archive (XEP-0313 section 6.1.1, with the hints of XEP-0334): those that say something, not those about a moment.</summary>
internal static class ArchivePolicy
{
    private const string MucUser = "http://jabber.org/protocol/muc#user", Receipts = "urn:xmpp:receipts", Markers = "urn:xmpp:chat-markers:0", Fasten = "urn:xmpp:fasten:0";

    /// <summary>Whether a message is archived. An unknown type counts as normal (RFC 6121 section 5.2.2); errors are judged by what they answer.</summary>
    public static bool IsArchived(Message message)
    {
        if (message.Type is "groupchat" or "headline" or "error") return false;
        var isWorthIt = false;
        foreach (var child in message.Element.Children)
        {
            switch (child.Namespace)
            {
                case Ns.Hints when child.Name is "no-store" or "no-permanent-store" or "no-permanent-storage":
                // What is in these is archived by itself, or was.
                case Ns.Carbons when child.Name is "sent" or "received":
                case Ns.Archive when child.Name == "result":
                    return false;
                case Ns.Hints when child.Name == "store":
                    isWorthIt = true;
                    break;
                default:
                    isWorthIt |= Says(child);
                    break;
            }
        }

        return isWorthIt;
    }

    private static bool Says(Element child) => child.Namespace switch
    {
        Ns.Client => child.Name is "body" or "subject",
        // Not the request for one, nor the mark that one may be sent.
        Receipts => child.Name == "received",
        Markers => child.Name is "received" or "displayed" or "acknowledged",
        // Ringing is news for the moment.
        Ns.JingleMessage => child.Name != "ringing",
        MucUser => child.Child("invite") is not null || child.Child("decline") is not null,
        Fasten => child.Name == "apply-to",
        Retractions.Namespace => child.Name == "retract",
        "jabber:x:conference" or "urn:xmpp:call-invites:0" => true,
        "urn:xmpp:reactions:0" => child.Name == "reactions",
        "urn:xmpp:message-correct:0" => child.Name == "replace",
        "eu.siacs.conversations.axolotl" or "urn:xmpp:omemo:1" or "urn:xmpp:omemo:2" => child.Name == "encrypted",
        "jabber:x:encrypted" or "urn:xmpp:openpgp:0" or "urn:xmpp:sce:1" => true,
        "urn:xmpp:message-attaching:1" or "urn:xmpp:sfs:0" or "jabber:x:oob" => true,
        _ => false,
    };
}
