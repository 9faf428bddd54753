using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Push;

/// <summary>
/// Finds messages that nobody would see: no client of the account is there, awake and attended. A call wakes every device that sleeps, whatever another one does: people
/// leave a computer on and take the telephone along.
/// </summary>
internal sealed class PushedMessages(Registrations registrations, PushQueues queues, ISessionDirectory sessions) : IMessageInterceptor
{
    /// <inheritdoc/>
    public async ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (Account(message, context) is not { } account || message.From is not { } from || from.Bare == account) return Interception.Continue;
        var weight = MessageWeight.Of(message);
        if (weight == Weight.None) return Interception.Continue;
        var known = await registrations.OfAsync(account, ct);
        if (weight == Weight.Words && sessions.Of(account).Any(IsAttended))
        {
            queues.Seen(known);
            return Interception.Continue;
        }

        // One that a client never acknowledged: that client may have been told when it fell silent.
        MessageKey? again = context.Received is null ? null : MessageKey.Of(message);
        foreach (var registration in known)
        {
            if (!registrations.IsAwake(registration)) queues.Add(registration, from, isUrgent: weight == Weight.Call, again);
        }

        return Interception.Continue;
    }

    // What is for the account is seen once, on its way to it; what is for one client, on its way to that if it sleeps.
    private static Jid? Account(Message message, StanzaContext context)
    {
        if (message.To is not { } to) return null;
        if (context.Point == StanzaPoint.ToLocalAccount) return to.Domain == context.Domain ? to.Bare : null;
        return context.Session is { Kind: SenderKind.Account } session && session.Attention != ClientAttention.Active && to == session.Jid ? session.Jid.Bare : null;
    }

    internal static bool IsAttended(ISession session) => session is { Attention: ClientAttention.Active, IsAvailable: true, Presence: { Priority: >= 0 } presence }
        && presence.Element.Child("show", Ns.Client)?.Value is not ("away" or "xa");
}
