using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>Archives what local accounts send, when it comes.</summary>
internal sealed class SentMessages(ArchivedMessages archived, ISessionDirectory sessions) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (context is not { Sender.Kind: SenderKind.Account, Session: { } session }) return Interception.Continue;
        var sender = session.Jid.Bare;
        // A copy, so that what is remembered of it is of this message alone.
        var own = message.To is { } to && archived.IsAccount(to) ? StanzaIds.Strip(message, sender, to.Bare) : StanzaIds.Strip(message, sender);
        return ArchivePolicy.IsArchived(own) ? await archived.SendAsync(message, own, sender, MayReceive(message), ct) : ArchivedMessages.Next(message, own);
    }

    // RFC 6121 section 8.5.3.2.1: only a chat message goes to the account for want of the resource; others come back.
    private bool MayReceive(Message message) => message.To is not { Resource: not null } to || message.Type == "chat" || sessions.Find(to) is not null;
}
