using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Offline;

/// <summary>Delivers kept messages to a session that becomes available with a priority of 0 or more.</summary>
internal sealed class OfflineRetrieval(OfflineDelivery delivery) : IPresenceInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (presence is { To: null, IsAvailable: true } && context is { Sender.Kind: SenderKind.Account, Session: { } session } && OfflineDelivery.IsReceiver(session)) await delivery.DeliverAsync(session, ct);
        return Interception.Continue;
    }
}
