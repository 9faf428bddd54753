using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.About;

/// <summary>Notes when the last available resource of an account leaves.</summary>
internal sealed class Departures(LastSeen seen, ISessionDirectory sessions, TimeProvider time) : IPresenceInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (presence is { To: null, Type: "unavailable" } && context is { Sender.Kind: SenderKind.Account, Session: { } session } && !sessions.Of(session.Jid.Bare).Any(s => s.IsAvailable))
        {
            await seen.WriteAsync(session.Jid.Bare, time.GetUtcNow(), presence.Element.Child("status", Ns.Client)?.Value ?? "", ct);
        }

        return Interception.Continue;
    }
}
