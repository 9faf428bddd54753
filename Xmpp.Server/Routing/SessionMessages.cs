using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Takes the messages that sessions send: one after another, but for what an interceptor decides later, such as when the disk has it (<see cref="MessagesUnderWay"/>).</summary>
internal sealed class SessionMessages(Router router, RoutingTableHolder tables, GuestPolicy guests, Interceptors interceptors, XmppServerSettings settings, ILogger<SessionMessages> log)
{
    // Of one session. As many as two people write in a breath; more only makes others' messages wait.
    private const int MostUnderWay = 64;

    /// <summary>Takes one. The session's next stanza may begin when this completes, and <paramref name="handling"/> is done when the message has been routed. Never throws for what handlers do.</summary>
    public async ValueTask TakeAsync(Session session, Message message, Handling? handling)
    {
        var underWay = session.UnderWay;
        var isBehind = underWay is { IsIdle: false };
        var table = tables.Current;
        StanzaCondition? refusal;
        Passage passage;
        try
        {
            if (isBehind)
            {
                await underWay!.RoomAsync();
                table = tables.Current;
                // Places of another table are not comparable.
                if (underWay.Table != table) await underWay.IdleAsync();
                isBehind = !underWay.IsIdle;
            }

            refusal = guests.Judge(message, session.Sender, table);
            passage = refusal is null ? await interceptors.BeginAsync(message, Context(session), table, isBehind ? underWay!.Halt : null) : new Passage(Intercepted.Failed, message);
        }
        catch (Exception e)
        {
            log.LogError(e, "Taking a message of a session failed");
            handling?.Done();
            return;
        }

        if (isBehind || passage.Result == Intercepted.Halted) Wait(session, message, passage, refusal, table, handling);
        else await GoOnAsync(session, passage, refusal, table, handling);
    }

    // Apart, so that what it captures costs only where it waits.
    private void Wait(Session session, Message message, Passage passage, StanzaCondition? refusal, RoutingTable table, Handling? handling)
    {
        var underWay = session.UnderWay ??= new MessagesUnderWay(MostUnderWay, settings.Limits.PendingBytesPerSender);
        underWay.Add(() => GoOnAsync(session, passage, refusal, table, handling), message.Element.ToUtf8().Length, passage.Halt, table);
    }

    private async ValueTask GoOnAsync(Session session, Passage passage, StanzaCondition? refusal, RoutingTable table, Handling? handling)
    {
        try
        {
            if (passage.Result == Intercepted.Halted) passage = await interceptors.ResumeAsync(passage, Context(session), table);
            if (passage.Result == Intercepted.Continue) await router.DispatchAsync(passage.Stanza, session.Sender, table, CancellationToken.None, handling: handling);
            else if (passage.Result == Intercepted.Failed) await router.ReplyAsync(passage.Stanza, Outcome.Refuse(refusal ?? StanzaCondition.InternalServerError), CancellationToken.None);
        }
        catch (Exception e)
        {
            log.LogError(e, "Taking a message of a session failed");
        }

        handling?.Done();
    }

    private StanzaContext Context(Session session) =>
        new(StanzaPoint.FromLocalSession, session.Sender, settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain, session);
}
