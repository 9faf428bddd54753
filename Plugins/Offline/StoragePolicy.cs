using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Offline;

/// <summary>Which messages are worth keeping (XEP-0160 section 3, XEP-0334).</summary>
public static class StoragePolicy
{
    private const string Hints = "urn:xmpp:hints";
    private const string ChatStates = "http://jabber.org/protocol/chatstates";

    /// <summary>Whether a message is kept. An unknown type counts as normal (RFC 6121 section 5.2.2).</summary>
    public static bool IsKept(Message message)
    {
        if (message.Type is "groupchat" or "headline" or "error") return false;
        var element = message.Element;
        if (element.Child("no-store", Hints) is not null || element.Child("no-permanent-store", Hints) is not null) return false;
        // A chat state is news only for the moment, and a thread or a hint says nothing by itself.
        return element.Child("store", Hints) is not null || element.Children.Any(c => c.Namespace is not (ChatStates or Hints) && !c.Is("thread", element.Namespace));
    }
}
