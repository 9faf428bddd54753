using Microsoft.Extensions.Logging;
using Parley.Plugins.Muc.Rooms;
using Parley.Plugins.Muc.Storage;

namespace Parley.Plugins.Muc.Service;

/// <summary>Keeps one room in the database while it is one that stays.</summary>
/// <param name="services">The world.</param>
/// <param name="store">The database.</param>
/// <param name="isStored">Whether the room is kept there already.</param>
internal sealed class RoomPersistence(MucServices services, RoomStore store, bool isStored)
{
    private bool _isBehind;

    /// <summary>Whether the room is kept there.</summary>
    public bool IsStored { get; private set; } = isStored;

    /// <summary>Keeps what changed; durable when this returns true. After a failure the next change keeps everything.</summary>
    public async ValueTask<bool> KeepAsync(Room room, RoomChanges changes)
    {
        try
        {
            if (changes.IsDestroyed || !room.IsKept)
            {
                if (IsStored) await store.RemoveAsync(room.Address, CancellationToken.None);
                IsStored = false;
            }
            else if (!IsStored || _isBehind)
            {
                await store.SaveAsync(room.Record, CancellationToken.None);
                IsStored = true;
            }
            else if (changes.Any)
            {
                await store.SaveAsync(room.Record, changes, room.FindAffiliation, CancellationToken.None);
            }

            _isBehind = false;
            return true;
        }
        catch (Exception e)
        {
            services.Logger.LogError(e, "A chat room could not be stored");
            _isBehind = true;
            return false;
        }
    }
}
