using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Archive;

/// <summary>Stable ids of messages (XEP-0359): given by an archive, or by the client that wrote them.</summary>
public static class StanzaIds
{
    /// <summary>The longest origin-id that counts, in characters; a longer one is as none.</summary>
    public const int LongestOriginId = 1024;

    /// <summary>The id that its writer gave a message (section 2.2); null if there is none that counts.</summary>
    public static string? OriginOf(Message message) => message.Element.Child("origin-id", Ns.StanzaIds)?["id"] is { Length: > 0 and <= LongestOriginId } id ? id : null;

    /// <summary>The id that somebody gave a message according to what it carries. Only whoever strips what others claim (<see cref="Strip"/>) may rely on it.</summary>
    public static string? Read(Message message, Jid by)
    {
        foreach (var child in message.Element.Children)
        {
            if (IsBy(child, by)) return child["id"];
        }

        return null;
    }

    /// <summary>The message without ids that claim to be of one of these (section 3, rule 2); itself if it has none such.</summary>
    public static Message Strip(Message message, params ReadOnlySpan<Jid> by)
    {
        Jid[]? found = null;
        foreach (var child in message.Element.Children)
        {
            foreach (var one in by)
            {
                if (IsBy(child, one)) found = [.. by];
            }
        }

        return found is null ? message : new Message(message.Element.CopyWithout(c => found.Any(b => IsBy(c, b))), message.From, message.To);
    }

    /// <summary>The message with an id, in place of whatever claims to be one of the same address.</summary>
    public static Message Add(Message message, Jid by, string id)
    {
        var element = message.Element.Children.Any(c => IsBy(c, by)) ? message.Element.CopyWithout(c => IsBy(c, by)) : message.Element.Copy();
        return new Message(element.Add(new Element("stanza-id", Ns.StanzaIds).Attr("by", by.ToString()).Attr("id", id)), message.From, message.To);
    }

    // Addresses are compared prepared (rule 7): another spelling of ours is ours.
    private static bool IsBy(Element child, Jid by) => child.Is("stanza-id", Ns.StanzaIds) && child["by"] is { } text && Jid.TryParse(text, out var jid) && jid == by;
}
