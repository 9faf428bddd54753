using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Takes the token of an invitation with a request for a subscription (XEP-0379 section 3.4): the roster then approves it by itself.</summary>
internal sealed class InvitedSubscriptions(InviteStore store, Friendship friendship, TimeProvider time) : IPresenceInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (presence is not { Type: "subscribe", From: { } from, To: { } to } || Invite.KeyOf(presence.Element.Child("preauth", RegistrationPlugin.PreAuth)?["token"]) is not { } key) return Interception.Continue;
        if (from.Bare != to.Bare && await store.FindAsync(key, time.GetUtcNow(), ct) is { User: null, Inviter: { } inviter } && inviter == to.Bare && await store.TakeAsync(key, ct)) await friendship.ExpectAsync(inviter, from.Bare, ct);
        return Interception.Continue;
    }
}
