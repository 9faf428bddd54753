using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Streams.ClientState;

/// <summary>What need not wake the device of somebody who is not looking (XEP-0352 section 5). Whatever is not known to wait does not.</summary>
internal static class Patience
{
    private const string ChatStates = "http://jabber.org/protocol/chatstates";
    private const string Receipts = "urn:xmpp:receipts";
    private const string Markers = "urn:xmpp:chat-markers:0";
    private const string PubSubEvent = "http://jabber.org/protocol/pubsub#event";
    private const string MucUser = "http://jabber.org/protocol/muc#user";

    /// <summary>Whether a stanza may wait, and for which later one it makes room.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="options">What the operator lets wait.</param>
    /// <param name="key">What a later stanza of the same key stands for as well; null: each counts.</param>
    public static bool MayWait(Stanza stanza, ClientStateOptions options, out string? key)
    {
        key = null;
        switch (stanza)
        {
            case Presence presence when options.HoldPresence && MayWait(presence):
                key = $"presence {stanza.From}";
                return true;
            case Message { IsError: false } message:
                return MayWait(Inner(message.Element), options, stanza.From?.ToString(), out key);
            default:
                return false;
        }
    }

    // A subscription is for the person, and what becomes of the client's own place in a room (XEP-0045 section 7.2.2) is what it waits for.
    private static bool MayWait(Presence presence) =>
        presence.Type is null or "unavailable" && presence.Element.Child("x", MucUser)?.ChildrenNamed("status", MucUser).Any(s => s["code"] == "110") != true;

    private static bool MayWait(Element message, ClientStateOptions options, string? from, out string? key)
    {
        key = null;
        var (states, events, receipts) = (0, 0, 0);
        foreach (var child in message.Children)
        {
            switch (child.Namespace)
            {
                case ChatStates when options.HoldChatStates:
                    states++;
                    break;
                case PubSubEvent when options.HoldEvents:
                    events++;
                    break;
                case Receipts when child.Name == "received" && options.HoldReceipts:
                case Markers when child.Name is "received" or "displayed" or "acknowledged" && options.HoldReceipts:
                    receipts++;
                    break;
                // What goes along with whatever else there is.
                case Ns.Hints or Ns.Delay or "urn:xmpp:sid:0" or "urn:xmpp:occupant-id:0":
                case Ns.Client when child.Name == "thread":
                    break;
                default:
                    return false;
            }
        }

        // Of typing only the last counts.
        if (states > 0 && events + receipts == 0) key = $"state {from} {message["from"]} {message["to"]}";
        return states + events + receipts > 0;
    }

    // A carbon is worth what it carries (XEP-0280).
    private static Element Inner(Element message)
    {
        foreach (var child in message.Children)
        {
            if (child.Namespace == Ns.Carbons && child.Child("forwarded", Ns.Forward)?.Child("message", Ns.Client) is { } carried) return carried;
        }

        return message;
    }
}
