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
        if (own.IsError) return Next(message, await bounced.ReceiveAsync(own, ct));
        if (!ArchivePolicy.IsArchived(own)) return Next(message, own);
        return await archived.ReceiveAsync(own, to.Bare, ct) is { } goesOn ? Next(message, goesOn) : Interception.Handled;
    }

    private static Interception Next(Message came, Message goesOn) => goesOn == came ? Interception.Continue : Interception.Replace(goesOn);
}
