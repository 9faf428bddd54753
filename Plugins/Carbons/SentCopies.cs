using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Carbons;

/// <summary>Copies what a client sends to the account's other clients (XEP-0280 section 8), with the id that it has in the account's own archive (XEP-0313 section 3.4).</summary>
public sealed class SentCopies(CarbonCopier copier, IContributions<ISentMessageIds> archives) : IMessageInterceptor
{
    /// <inheritdoc/>
    public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        // To oneself: the others receive it, or a copy of what one of them receives.
        return context.Session is { Kind: SenderKind.Account } session && message.To is { } to && to.Bare != session.Jid.Bare
            && copier.Others(session.Jid) is { Count: > 0 } others && CarbonRules.IsCopied(message, isReceived: false)
            ? CopyAsync(message, session.Jid, others, ct) : new(Interception.Continue);
    }

    private async ValueTask<Interception> CopyAsync(Message message, Jid client, IReadOnlyList<ISession> others, CancellationToken ct)
    {
        await CarbonCopier.CopyAsync(Own(message, client), "sent", client, others, ct);
        return Interception.Continue;
    }

    // The id that the addressee's archive gave it is the addressee's.
    private Message Own(Message message, Jid sender)
    {
        foreach (var archive in archives.Items)
        {
            if (archive.Find(message) is { } id) return StanzaIds.Add(StanzaIds.Strip(message, message.To!.Bare), sender.Bare, id);
        }

        return message;
    }
}
