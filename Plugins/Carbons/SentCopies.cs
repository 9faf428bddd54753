using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>Copies what a client sends to the account's other clients (XEP-0280 section 8).</summary>
public sealed class SentCopies(CarbonCopier copier) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        // To oneself: the others receive it, or a copy of what one of them receives.
        if (context.Session is { Kind: SenderKind.Account } session && message.To is { } to && to.Bare != session.Jid.Bare && CarbonRules.IsCopied(message, isReceived: false))
            await copier.CopyAsync(message, "sent", session.Jid, ct);
        return Interception.Continue;
    }
}
