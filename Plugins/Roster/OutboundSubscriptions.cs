using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>Subscription stanzas that a local user sends (RFC 6121 section 3 and appendix A.2). What changes nothing is not sent on, unless the other side may need it to agree with us.</summary>
internal sealed class OutboundSubscriptions(RosterState rosters, PresenceSender presence)
{
    /// <summary>Takes one; returns a condition to refuse it with, or null.</summary>
    public async ValueTask<StanzaCondition?> SendAsync(Presence stanza, CancellationToken ct)
    {
        var (user, contact) = (stanza.From!.Bare, stanza.To!.Bare);
        if (user == contact) return StanzaCondition.NotAllowed;
        switch (stanza.Type)
        {
            case "subscribe":
                var asked = await rosters.ChangeAsync(user, contact, i => i is { SubscribedTo: true } ? i : Listed(i ?? RosterItems.New(contact)) with { PendingOut = true }, ct);
                if (asked.IsFull) return StanzaCondition.ResourceConstraint;
                await presence.SendAsync(stanza, contact, ct);
                return null;
            case "unsubscribe":
                await rosters.ChangeAsync(user, contact, i => i is null ? null : Listed(i) with { SubscribedTo = false, PendingOut = false }, ct);
                await presence.SendAsync(stanza, contact, ct);
                return null;
            case "subscribed":
                return await ApproveAsync(stanza, ct);
            default:
                await RefuseAsync(stanza, ct);
                return null;
        }
    }

    private async ValueTask<StanzaCondition?> ApproveAsync(Presence stanza, CancellationToken ct)
    {
        var (user, contact) = (stanza.From!.Bare, stanza.To!.Bare);
        var change = await rosters.ChangeAsync(user, contact, i => i switch
        {
            { PendingIn: not null } => i with { SubscribedFrom = true, PendingIn = null },
            { SubscribedFrom: true } => i,
            _ => (i ?? RosterItems.New(contact)) with { PreApproved = true }, // section 3.4: nobody has asked yet
        }, ct);
        if (change.IsFull) return StanzaCondition.ResourceConstraint;
        if (change.Before?.PendingIn is null) return null;
        await presence.SendAsync(stanza, contact, ct);
        await presence.SendAvailableAsync(user, contact, ct);
        return null;
    }

    private async ValueTask RefuseAsync(Presence stanza, CancellationToken ct)
    {
        var (user, contact) = (stanza.From!.Bare, stanza.To!.Bare);
        var change = await rosters.ChangeAsync(user, contact, i => i is null ? null : i with { SubscribedFrom = false, PendingIn = null, PreApproved = false }, ct);
        if (change.Before is not ({ SubscribedFrom: true } or { PendingIn: not null })) return;
        await presence.SendAsync(stanza, contact, ct);
        if (change.Before.SubscribedFrom) await presence.SendUnavailableAsync(user, contact, ct);
    }

    // The user acts on the contact, so it is in the roster from now on, whatever becomes of the subscription.
    private static RosterItem Listed(RosterItem item) => item with { Name = item.Name ?? "" };
}
