using System.Net;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Who calls, as found out before the room is asked.</summary>
/// <param name="Kind">Account, guest or other.</param>
/// <param name="Network">The network address of a local session; null for others.</param>
/// <param name="IsReserved">An account has reserved the room, so that guests may come.</param>
/// <param name="Tie">The chat room that the call is tied to; null for none.</param>
public sealed record Caller(SenderKind Kind, IPAddress? Network = null, bool IsReserved = false, ChatRoomTie? Tie = null);

/// <summary>A chat room that a call is tied to, as one caller meets it.</summary>
/// <param name="ChatRoom">Its bare address.</param>
/// <param name="Entry">Who of it may be in the call.</param>
/// <param name="Standing">What the caller is there; null if it cannot be told, so that nobody enters.</param>
/// <param name="IsFixed">The operator tied the two; else it is a chat room of the same name, which anybody may have made.</param>
public sealed record ChatRoomTie(Jid ChatRoom, ChatRoomEntry Entry, ChatRoomStanding? Standing, bool IsFixed = true)
{
    /// <summary>Whether somebody may be in the call.</summary>
    public static bool Admits(ChatRoomEntry entry, ChatRoomStanding? standing) => standing is not null && (entry == ChatRoomEntry.Members ? standing.IsMember : standing.IsThere);
}
