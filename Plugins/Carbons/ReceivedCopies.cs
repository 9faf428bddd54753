using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>
/// Copies what one client receives under its full address to the account's other clients (XEP-0280 section 7). What is for the bare address all available ones of
/// them receive by themselves (docs/routing.md).
/// </summary>
public sealed class ReceivedCopies(CarbonCopier copier) : IMessageInterceptor
{
    /// <inheritdoc/>
    public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        // To oneself, the writer has it already.
        return context.Session is { Kind: SenderKind.Account } session && message.To == session.Jid && message.From is { } from && from.Bare != session.Jid.Bare
            && copier.Others(session.Jid) is { Count: > 0 } others && CarbonRules.IsCopied(message, isReceived: true)
            ? CopyAsync(message, session.Jid, others, ct) : new(Interception.Continue);
    }

    private static async ValueTask<Interception> CopyAsync(Message message, Jid client, IReadOnlyList<ISession> others, CancellationToken ct)
    {
        await CarbonCopier.CopyAsync(message, "received", client, others, ct);
        return Interception.Continue;
    }
}
