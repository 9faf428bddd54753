using System.Globalization;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Archive;

/// <summary>Puts a tombstone in the place of a message that its author retracts (XEP-0424 section 5). The retraction itself is archived like any message.</summary>
internal sealed class Retractions(ArchiveStore archive)
{
    /// <summary>The namespace.</summary>
    public const string Namespace = "urn:xmpp:message-retract:1";

    /// <summary>What an archive that does this advertises.</summary>
    public const string TombstoneFeature = Namespace + "#tombstone";

    /// <summary>How many of the newest messages of a conversation are looked at: what is further back stays.</summary>
    internal const int LookAt = 10_000;

    private long _count;

    /// <summary>How many messages were replaced.</summary>
    public long Count => Volatile.Read(ref _count);

    /// <summary>The id of the message that is retracted; null if the message retracts none.</summary>
    public static string? IdOf(Message message) => message.Element.Child("retract", Namespace)?["id"];

    /// <summary>Replaces what a message retracts in an account's archive; only its own author's words are an author's to take back (section 6).</summary>
    /// <param name="account">Whose archive.</param>
    /// <param name="with">Whom the conversation is with.</param>
    /// <param name="retraction">The message that retracts.</param>
    /// <param name="time">When it came.</param>
    /// <param name="ct">Gives up.</param>
    public async ValueTask ApplyAsync(Jid account, Jid with, Message retraction, DateTimeOffset time, CancellationToken ct)
    {
        if (IdOf(retraction) is not { Length: > 0 } id) return;
        if (await archive.FindByMessageIdAsync(account, with, id, retraction.From!, LookAt, ct) is not { } entry || IdOf(entry.Message) is not null) return;
        if (await archive.ReplaceAsync(account, entry.Id, Tombstone(entry.Message, retraction, time), ct)) Interlocked.Increment(ref _count);
    }

    // Addresses, type and id stay, and the ids by which others know it; nothing of what it said.
    private static Message Tombstone(Message message, Message retraction, DateTimeOffset time)
    {
        var element = message.Element.CopyWithout(c => c.Namespace != Ns.StanzaIds);
        foreach (var lang in element.Attributes.Where(a => a.Name is not ("from" or "to" or "type" or "id")).ToList()) element.Attr(lang.Name, null, lang.Namespace);
        return new Message(element.Add(new Element("retracted", Namespace).Attr("id", retraction.Id).Attr("stamp", time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture))));
    }
}
