using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Storage;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Service;

/// <summary>Takes accounts that are removed from the rooms' lists: who gets the name next is somebody else.</summary>
internal sealed class RemovedAccounts(RoomRegistry rooms, RoomStore store, MucServices services) : IAccountObserver
{
    /// <inheritdoc/>
    public void Removed(Jid account) => _ = ForgetAsync(account);

    private async Task ForgetAsync(Jid account)
    {
        try
        {
            await Task.Yield();
            foreach (var host in rooms.Hosts)
            {
                await host.PostAsync(
                    room =>
                    {
                        room.Forget(account);
                        return default;
                    },
                    CancellationToken.None);
            }

            await store.ForgetAsync(account, CancellationToken.None);
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A removed account could not be taken from the chat rooms");
        }
    }
}
