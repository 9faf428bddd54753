using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>
/// Copies what one client receives under its full address to the account's other clients (XEP-0280 section 7). What is for the bare address all available ones of
/// them receive by themselves (docs/routing.md).
/// </summary>
public sealed class ReceivedCopies(CarbonCopier copier) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (context.Session is { Kind: SenderKind.Account } session && message.To == session.Jid && message.From is { } from && CarbonRules.IsCopied(message, isReceived: true))
        {
            // To oneself, the writer has it already.
            if (from.Bare != session.Jid.Bare) await copier.CopyAsync(message, "received", session.Jid, ct);
        }

        return Interception.Continue;
    }
}
