using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Archive;

/// <summary>
/// Archives what comes for local accounts: from elsewhere when it comes, of the server itself and what plugins send in accounts' names before it is delivered. What their sessions
/// send is archived then already (<see cref="SentMessages"/>), and what is delivered anew carries its id.
/// </summary>
internal sealed class ReceivedMessages(ArchivedMessages archived, BouncedMessages bounced) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (message is not { From: { } from, To: { } to } || !archived.IsAccount(to)) return Interception.Continue;
        var isEntry = context.Point == StanzaPoint.FromRemote;
        if (!isEntry && (context.Sender.SessionId is not null || context.Received is not null || from.Bare == to.Bare || StanzaIds.Read(message, to.Bare) is not null)) return Interception.Continue;
        var own = isEntry ? StanzaIds.Strip(message, to.Bare) : message;
        if (own.IsError) return ArchivedMessages.Next(message, await bounced.ReceiveAsync(own, ct));
        return ArchivePolicy.IsArchived(own) ? await archived.ReceiveAsync(message, own, to.Bare, ct) : ArchivedMessages.Next(message, own);
    }
}
