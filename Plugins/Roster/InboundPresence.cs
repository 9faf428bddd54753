using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Roster;

/// <summary>Presence that reaches a local account.</summary>
internal sealed class InboundPresence(InboundSubscriptions subscriptions, Probes probes, IStanzaRouter router) : IPresenceInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (presence.To!.Domain != context.Domain) return Interception.Continue; // a guest's address
        switch (presence.Type)
        {
            case "probe":
                await probes.AnswerAsync(presence, context.Sender, ct);
                return Interception.Handled;
            case "subscribe" or "subscribed" or "unsubscribe" or "unsubscribed":
                if (await subscriptions.ReceiveAsync(presence, ct) is { } refusal) await router.RouteAsync(presence.ErrorReply(new StanzaError(refusal)), ct);
                return Interception.Handled;
            default:
                return Interception.Continue;
        }
    }
}
