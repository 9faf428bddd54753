using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>Sees errors that this server itself, or another client of it, returns to a session: they pass no other point.</summary>
internal sealed class LocalBounces(BouncedMessages bounced) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (!message.IsError || message is not { From: not null, To: { } to } || context.Session is not { Kind: SenderKind.Account } session || to.Bare != session.Jid.Bare || StanzaIds.Read(message, to.Bare) is not null) return Interception.Continue;
        var seen = await bounced.ReceiveAsync(message, ct);
        return seen == message ? Interception.Continue : Interception.Replace(seen);
    }
}
