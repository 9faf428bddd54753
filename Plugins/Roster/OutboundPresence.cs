using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>Presence that a local session sends.</summary>
internal sealed class OutboundPresence(PresenceBroadcast broadcast, OutboundSubscriptions subscriptions) : IPresenceInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (context is not { Sender.Kind: SenderKind.Account, Session: { } session }) return Interception.Continue; // guests have no contacts
        if (presence.To is null)
        {
            await broadcast.SendAsync(presence, session, ct);
            return Interception.Continue;
        }

        if (presence.Type is not ("subscribe" or "subscribed" or "unsubscribe" or "unsubscribed")) return Interception.Continue;
        if (await subscriptions.SendAsync(presence, ct) is { } refusal) await session.SendAsync(presence.ErrorReply(new StanzaError(refusal)).WithAddresses(to: session.Jid), ct);
        return Interception.Handled;
    }
}
