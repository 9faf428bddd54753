using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Roster;

/// <summary>Subscription stanzas that reach a local user (RFC 6121 section 3 and appendix A.3). What changes nothing is not shown.</summary>
internal sealed class InboundSubscriptions(RosterState rosters, PresenceSender presence, ISessionDirectory sessions)
{
    private const int MaxKeptBytes = 4096;

    /// <summary>Takes one; returns a condition to refuse it with, or null.</summary>
    public async ValueTask<StanzaCondition?> ReceiveAsync(Presence stanza, CancellationToken ct)
    {
        var (user, contact) = (stanza.To!.Bare, stanza.From!.Bare);
        if (user == contact) return null;
        switch (stanza.Type)
        {
            case "subscribe":
                return await AskedAsync(stanza, user, contact, ct);
            case "unsubscribe":
                var left = await rosters.ChangeAsync(user, contact, i => i is null ? null : i with { SubscribedFrom = false, PendingIn = null }, ct);
                if (left.Before is not ({ SubscribedFrom: true } or { PendingIn: not null })) return null;
                await ShowAsync(stanza, user, ct);
                if (left.Before.SubscribedFrom) await presence.SendUnavailableAsync(user, contact, ct);
                return null;
            case "subscribed":
                var granted = await rosters.ChangeAsync(user, contact, i => i is { PendingOut: true, SubscribedTo: false } ? i with { SubscribedTo = true, PendingOut = false } : i, ct);
                if (granted.Before is { PendingOut: true, SubscribedTo: false }) await ShowAsync(stanza, user, ct);
                return null;
            default:
                var refused = await rosters.ChangeAsync(user, contact, i => i is null ? null : i with { SubscribedTo = false, PendingOut = false }, ct);
                if (refused.Before is { SubscribedTo: true } or { PendingOut: true }) await ShowAsync(stanza, user, ct);
                return null;
        }
    }

    // Section 3.1.3: who is subscribed or approved already is told so at once; else the request waits until the user answers it, and is shown at every log-in.
    private async ValueTask<StanzaCondition?> AskedAsync(Presence stanza, Jid user, Jid contact, CancellationToken ct)
    {
        var change = await rosters.ChangeAsync(user, contact, i => i switch
        {
            { SubscribedFrom: true } => i,
            { PreApproved: true } => i with { SubscribedFrom = true },
            _ => (i ?? RosterItems.Stranger(contact)) with { PendingIn = Kept(stanza, user) },
        }, ct);
        if (change.IsFull) return StanzaCondition.ResourceConstraint;
        if (change.After is { SubscribedFrom: true })
        {
            await presence.SendAsync("subscribed", user, contact, ct);
            await presence.SendAvailableAsync(user, contact, ct);
            return null;
        }

        foreach (var session in sessions.Of(user))
        {
            if (session.IsAvailable) await session.SendAsync(stanza, ct);
        }

        return null;
    }

    private async ValueTask ShowAsync(Presence stanza, Jid user, CancellationToken ct)
    {
        foreach (var session in sessions.Of(user))
        {
            if (session.IsInterested || session.IsAvailable) await session.SendAsync(stanza, ct);
        }
    }

    // A stranger decides what is kept here, so that is little: the greeting and the nickname that come with a request fit well.
    private static Element Kept(Presence stanza, Jid user)
    {
        if (stanza.Element.ToUtf8().Length <= MaxKeptBytes) return stanza.Element;
        return new Element("presence", Ns.Client).Attr("from", stanza.From!.Bare.ToString()).Attr("to", user.ToString()).Attr("type", "subscribe").Freeze();
    }
}
