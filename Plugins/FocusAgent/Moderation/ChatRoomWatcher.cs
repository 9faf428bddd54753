using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>Brings what happens to people in chat rooms to the calls that are tied to them.</summary>
public sealed class ChatRoomWatcher(RoomRegistry rooms, ChatRoomTies ties, FocusServices services) : IChatRoomObserver
{
    /// <inheritdoc/>
    public void Changed(Jid room, Jid account, ChatRoomStanding standing, bool isPutOut) => Post(room, r => r.OnChatRoom(account, standing, isPutOut));

    /// <inheritdoc/>
    public void Destroyed(Jid room) => Post(room, r => r.OnChatRoomDestroyed());

    private void Post(Jid chatRoom, Action<CallRoom> work)
    {
        foreach (var call in ties.TiedTo(chatRoom)) _ = PostAsync(call, work);
    }

    private async Task PostAsync(Jid call, Action<CallRoom> work)
    {
        try
        {
            await rooms.PostAsync(call, mayOpen: false, work, CancellationToken.None);
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A call could not be told what happened in its chat room.");
        }
    }
}
