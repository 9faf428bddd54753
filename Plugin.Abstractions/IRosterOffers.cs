using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Contacts that every account has without having added them, such as call rooms; contributed by the plugin that serves them. Whoever has such a contact is subscribed to it, and it to them.</summary>
public interface IRosterOffers
{
    /// <summary>What is offered to an account. Does not block. The account's own word on a contact, once there is one, counts instead.</summary>
    /// <param name="account">The bare address.</param>
    IReadOnlyList<RosterOffer> For(Jid account);
}

/// <summary>A contact that is offered.</summary>
/// <param name="Contact">Its bare address: one of this server's own, which knows that it is subscribed to.</param>
/// <param name="Name">Its name.</param>
/// <param name="Group">The group that it is in; null for none.</param>
public sealed record RosterOffer(Jid Contact, string Name, string? Group);
