using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Rooms;

/// <summary>Offers rooms as contacts to all accounts here: they appear in rosters by themselves, are available and have a call button.</summary>
public sealed class RosterRooms(FocusServices services, CallRooms addresses) : IRosterOffers
{
    /// <inheritdoc/>
    public IReadOnlyList<RosterOffer> For(Jid account)
    {
        if (services.Options.RosterRooms.Count == 0 || addresses.DomainOf(account.Domain) is not { } domain) return [];
        return [.. services.Options.RosterRooms.Select(r => new RosterOffer(Jid.Parse($"{r.Room}@{domain}"), r.Name.Length > 0 ? r.Name : r.Room, r.Group.Length > 0 ? r.Group : null))];
    }
}
