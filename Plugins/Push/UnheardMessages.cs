using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Push;

/// <summary>Wakes clients that seemed to be there when they were sent something, and do not answer: telephones in tunnels, laptops that were closed.</summary>
internal sealed class UnheardMessages(Registrations registrations, PushQueues queues, ISessionDirectory sessions, ILogger<UnheardMessages> log) : ISilenceObserver
{
    /// <inheritdoc/>
    public void FellSilent(ISession session, IReadOnlyList<Stanza> unheard)
    {
        if (session.Kind == SenderKind.Account && registrations.Has(session)) _ = Task.Run(() => WakeAsync(session, unheard));
    }

    private async Task WakeAsync(ISession session, IReadOnlyList<Stanza> unheard)
    {
        try
        {
            var account = session.Jid.Bare;
            var own = (await registrations.OfAsync(account, CancellationToken.None)).Where(r => registrations.IsOf(r, session)).ToList();
            if (own.Count == 0) return;
            // Words that another client shows need not wake this one; a call rings everywhere.
            var isSeen = sessions.Of(account).Any(PushedMessages.IsAttended);
            foreach (var message in unheard.Select(Original).OfType<Message>())
            {
                var weight = MessageWeight.Of(message);
                if (weight == Weight.None || (weight == Weight.Words && isSeen) || message.From is not { } from || from.Bare == account) continue;
                foreach (var registration in own) queues.Add(registration, from, isUrgent: weight == Weight.Call, MessageKey.Of(message));
            }
        }
        catch (Exception e)
        {
            log.LogError(e, "Waking a client that fell silent failed");
        }
    }

    // Of a message that another client had, this one has a copy (XEP-0280).
    private static Stanza? Original(Stanza stanza) => stanza.Element.Child("received", Ns.Carbons) is not { } received ? stanza
        : received.Child("forwarded", Ns.Forward)?.Child("message", Ns.Client) is { } original ? new Message(original) : null;
}
