using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What kind of entity an address belongs to.</summary>
internal enum AddresseeKind
{
    /// <summary>A served domain or guest domain itself, or a resource of it.</summary>
    Server,
    /// <summary>An account's bare or full address, whether it exists or not.</summary>
    Account,
    /// <summary>A guest's bare or full address.</summary>
    Guest,
    /// <summary>A component's domain or an address below it, a plugin's or an external one (XEP-0114).</summary>
    Component,
    /// <summary>Another server's.</summary>
    Remote,
}

/// <summary>An address as the router sees it.</summary>
/// <param name="Kind">Its kind.</param>
/// <param name="Domain">The served domain that it belongs to; the address's own for a remote one.</param>
/// <param name="Component">The plugin's component where the kind says so; null for an external one.</param>
internal readonly record struct Addressee(AddresseeKind Kind, string Domain, ComponentRegistration? Component = null)
{
    /// <summary>Whether it belongs to an external component.</summary>
    public bool IsExternal => Kind == AddresseeKind.Component && Component is null;

    /// <summary>Finds what an address belongs to.</summary>
    public static Addressee Of(Jid jid, XmppServerSettings settings, RoutingTable table)
    {
        if (settings.Serves(jid.Domain)) return new(jid.Local is null ? AddresseeKind.Server : AddresseeKind.Account, jid.Domain);
        if (settings.ParentOfGuestDomain(jid.Domain) is { } parent) return new(jid.Local is null ? AddresseeKind.Server : AddresseeKind.Guest, parent);
        if (settings.FindComponent(jid.Domain) is not null) return new(AddresseeKind.Component, settings.ParentOfComponent(jid.Domain));
        return table.Components.TryGetValue(jid.Domain, out var component)
            ? new(AddresseeKind.Component, component.ParentDomain, component)
            : new(AddresseeKind.Remote, jid.Domain);
    }
}
