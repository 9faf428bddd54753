namespace Parley.Xmpp.Core.Stanzas;

/// <summary>Which messages are worth keeping for somebody who is away (XEP-0160 section 3, XEP-0334).</summary>
public static class StoragePolicy
{
    private const string ChatStates = "http://jabber.org/protocol/chatstates", OccupantId = "urn:xmpp:occupant-id:0";

    /// <summary>Whether a message is kept. An unknown type counts as normal (RFC 6121 section 5.2.2).</summary>
    public static bool IsKept(Message message)
    {
        if (message.Type is "groupchat" or "headline" or "error") return false;
        var (isAskedFor, saysSomething) = (false, false);
        foreach (var child in message.Element.Children)
        {
            switch (child.Namespace)
            {
                case Ns.Hints when child.Name is "no-store" or "no-permanent-store":
                    return false;
                case Ns.Hints:
                    isAskedFor |= child.Name == "store";
                    break;
                // A chat state is news only for the moment, and a thread, a hint, an id or a time says nothing by itself.
                case ChatStates or Ns.StanzaIds or Ns.Delay or OccupantId:
                    break;
                default:
                    saysSomething |= !child.Is("thread", message.Element.Namespace);
                    break;
            }
        }

        return isAskedFor || saysSomething;
    }
}
