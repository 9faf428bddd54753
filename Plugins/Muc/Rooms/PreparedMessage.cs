using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>
/// A message that a room will reflect to everybody: judged, but not yet sent. Whoever drives the room archives it first, so that nobody sees what a crash could lose, and then gives it back
/// to <see cref="Room.Reflect"/> with its id.
/// </summary>
public sealed class PreparedMessage
{
    internal PreparedMessage(Element content, Jid author, string? authorId) => (Content, Author, AuthorId) = (content.Freeze(), author, authorId);

    /// <summary>The message without id and addressee.</summary>
    internal Element Content { get; }

    /// <summary>Who wrote it: a real bare address; the room itself for what it says.</summary>
    public Jid Author { get; }

    /// <summary>The occupant id of who wrote it; null for the room.</summary>
    internal string? AuthorId { get; }

    /// <summary>Whether it is to be archived.</summary>
    public bool IsArchived { get; internal init; }

    /// <summary>As the archive keeps it; in a room where everybody sees real addresses with that of its author (XEP-0313 section 7).</summary>
    public Message Archived { get; internal init; } = null!;

    /// <summary>The real full address of who sent it; null for the room.</summary>
    internal Jid? Sender { get; init; }

    /// <summary>The subject that it sets; null for none.</summary>
    internal Subject? Subject { get; init; }

    /// <summary>The request that it answers, once it is reflected; null for none.</summary>
    internal Iq? Request { get; init; }

    /// <summary>The message as it came; null for the room's own.</summary>
    public Message? Original { get; internal init; }

    /// <summary>The id of the message that it takes back, and by what right: its author's, or a moderator's.</summary>
    internal Tombstone? Retracts { get; init; }
}
