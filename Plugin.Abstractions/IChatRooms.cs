using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Knows who is who in chat rooms (XEP-0045), whatever others there may see; contributed by the plugin that serves them, for whoever ties something else to a room.</summary>
public interface IChatRooms
{
    /// <summary>The domain of the chat rooms of a served domain, such as <c>rooms.example.org</c>; null if it has none.</summary>
    string? DomainOf(string domain);

    /// <summary>What an account is to a room; null if there is no such room.</summary>
    /// <param name="room">The room's bare address.</param>
    /// <param name="account">A real bare address, not one in the room.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask<ChatRoomStanding?> FindAsync(Jid room, Jid account, CancellationToken ct = default);
}

/// <summary>What an account is to a chat room.</summary>
/// <param name="IsThere">It is in the room with at least one client.</param>
/// <param name="IsMember">It is a member, admin or owner (XEP-0045 section 5.2).</param>
/// <param name="IsModerator">It is an admin or owner, or a moderator while there.</param>
/// <param name="HasVoice">It may speak, or could if it were there (section 5.1).</param>
public sealed record ChatRoomStanding(bool IsThere, bool IsMember, bool IsModerator, bool HasVoice);

/// <summary>Hears what happens to people in chat rooms. Contributed by whoever ties something to a room. Called in each room's own order, from its own thread: does not block.</summary>
public interface IChatRoomObserver
{
    /// <summary>What somebody is to a room may have changed: came, left, was put out, got another role or affiliation.</summary>
    /// <param name="room">The room's bare address.</param>
    /// <param name="account">The real bare address; without a localpart: all accounts of that domain.</param>
    /// <param name="standing">What it is now.</param>
    /// <param name="isPutOut">The room put it out: a kick, a ban, or the room was closed to it. It may be there again already.</param>
    void Changed(Jid room, Jid account, ChatRoomStanding standing, bool isPutOut);

    /// <summary>A room was destroyed.</summary>
    void Destroyed(Jid room);
}
