using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Plugins.Muc.Rooms;

namespace Parley.Plugins.Muc.Service;

/// <summary>Tells whoever ties something to rooms what happened to people there.</summary>
internal sealed class RoomObservers(IContributions<IChatRoomObserver> observers, ILogger log)
{
    /// <summary>Tells what one event changed.</summary>
    public void Tell(Room room, RoomChanges changes)
    {
        if (changes is { IsDestroyed: false, Placed.Count: 0, Affiliations.Count: 0 }) return;
        foreach (var observer in observers.Items) Tell(observer, room, changes);
    }

    private void Tell(IChatRoomObserver observer, Room room, RoomChanges changes)
    {
        try
        {
            foreach (var account in changes.Placed.Concat(changes.Affiliations).Distinct())
            {
                // Whoever was banned need not have been there, and may be a whole domain.
                var isPutOut = changes.PutOut.Contains(account) || (changes.Affiliations.Contains(account) && room.AffiliationOf(account) == Affiliation.Outcast);
                observer.Changed(room.Address, account, room.StandingOf(account), isPutOut);
            }

            if (changes.IsDestroyed) observer.Destroyed(room.Address);
        }
        catch (Exception e)
        {
            // What is tied to a room must not keep the room from going on.
            log.LogError(e, "Somebody who follows a chat room failed");
        }
    }
}
