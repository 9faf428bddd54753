using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Which chat room a call room is tied to, and what people are there.</summary>
public sealed class ChatRoomTies(FocusServices services, PolicyBook policies, CallRooms rooms, IContributions<IChatRooms> chats)
{
    /// <summary>The chat room that a call room is tied to; null for none.</summary>
    /// <returns>Its address, who of it may be in the call, and whether the tie holds though there is no such chat room.</returns>
    public (Jid ChatRoom, ChatRoomEntry Entry, bool IsFixed)? Find(Jid callRoom)
    {
        if (policies.Configured(callRoom) is { ChatRoom: { } chosen } options) return (Jid.Parse(chosen), options.ChatRoomEntry, true);
        var rule = services.Options.ChatRooms;
        if (rule == ChatRoomEntry.Off || rooms.ServedDomainOf(callRoom.Domain) is not { } served || Chats?.DomainOf(served) is not { } domain) return null;
        return Jid.TryCreate(callRoom.Local, domain, null, out var same) ? (same, rule, false) : null;
    }

    /// <summary>What somebody is to the chat room that a call room is tied to; null where none is.</summary>
    public async ValueTask<ChatRoomTie?> LookAsync(Jid callRoom, Jid account, CancellationToken ct)
    {
        if (Find(callRoom) is not { } tie) return null;
        ChatRoomStanding? standing = null;
        try
        {
            if (Chats is { } chats) standing = await chats.FindAsync(tie.ChatRoom, account.Bare, ct);
            if (standing is null && !tie.IsFixed) return null; // no such chat room
        }
        catch (Exception e) when (e is not OperationCanceledException)
        {
            // A room that cannot be read lets nobody in, neither does its call.
            services.Logger.LogWarning(e, "A chat room that a call is tied to could not be asked.");
        }

        return new ChatRoomTie(tie.ChatRoom, tie.Entry, standing, tie.IsFixed);
    }

    /// <summary>The call rooms that are tied to a chat room, whether or not anybody is in them.</summary>
    public IEnumerable<Jid> TiedTo(Jid chatRoom)
    {
        var candidates = new HashSet<Jid>();
        foreach (var served in services.Server.Domains)
        {
            if (rooms.DomainOf(served) is not { } calls) continue;
            if (services.Options.ChatRooms != ChatRoomEntry.Off && Jid.TryCreate(chatRoom.Local, calls, null, out var same)) candidates.Add(same);
            foreach (var (name, options) in services.Options.Rooms)
            {
                if (options.ChatRoom is not null && Jid.TryParse(name.Contains('@', StringComparison.Ordinal) ? name : $"{name}@{calls}", out var named)) candidates.Add(named);
            }
        }

        return candidates.Where(c => Find(c)?.ChatRoom == chatRoom);
    }

    private IChatRooms? Chats => chats.Items.Count > 0 ? chats.Items[0] : null;
}
