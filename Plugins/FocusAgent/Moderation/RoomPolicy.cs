using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Who may enter a call room, beyond what the server's settings say.</summary>
public sealed record RoomPolicy
{
    /// <summary>The most members, and the most moderators.</summary>
    public const int MaxListed = 500;

    /// <summary>The longest password, in characters.</summary>
    public const int MaxPassword = 256;

    /// <summary>Whoever can call may enter.</summary>
    public static RoomPolicy Open { get; } = new();

    /// <summary>Nobody new enters but moderators.</summary>
    public bool IsLocked { get; init; }

    /// <summary>Only members and moderators enter.</summary>
    public bool IsMembersOnly { get; init; }

    /// <summary>Newcomers wait until a moderator lets them in.</summary>
    public bool HasLobby { get; init; }

    /// <summary>What newcomers must know; null for nothing.</summary>
    public string? Password { get; init; }

    /// <summary>Accounts that enter a room for members, and are asked for no password and not made to wait: bare addresses.</summary>
    public IReadOnlyList<Jid> Members { get; init; } = [];

    /// <summary>Accounts that moderate, beside whoever does anyway: bare addresses.</summary>
    public IReadOnlyList<Jid> Moderators { get; init; } = [];

    /// <inheritdoc/>
    public bool Equals(RoomPolicy? other) => other is not null && (IsLocked, IsMembersOnly, HasLobby, Password) == (other.IsLocked, other.IsMembersOnly, other.HasLobby, other.Password)
        && Members.SequenceEqual(other.Members) && Moderators.SequenceEqual(other.Moderators);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(IsLocked, IsMembersOnly, HasLobby, Password, Members.Count, Moderators.Count);
}
