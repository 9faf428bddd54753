using System.Runtime.CompilerServices;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What became of a stanza for one session.</summary>
internal enum Written
{
    /// <summary>Queued, or taken by an interceptor.</summary>
    Yes,
    /// <summary>The session is over.</summary>
    Over,
    /// <summary>An interceptor failed.</summary>
    Failed,
}

/// <summary>Writes to sessions, by way of the interceptors of <see cref="StanzaPoint.ToSession"/>.</summary>
internal sealed class SessionWriter(Interceptors interceptors, XmppServerSettings settings)
{
    // By the message that is copied: whether any client of the account has it yet. Gone with the message.
    private readonly ConditionalWeakTable<Stanza, SharedDelivery> _copied = [];

    /// <summary>Writes one stanza to one session. Unless it returns <see cref="Written.Yes"/>, <paramref name="delivery"/> hears nothing.</summary>
    public ValueTask<Written> WriteAsync(Session session, Stanza stanza, SenderInfo sender, RoutingTable table, Delivery? delivery, CancellationToken ct)
    {
        if (stanza is Presence { Type: "unavailable" or "error", From: { } from }) session.Directed.Left(from);
        var domain = settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain;
        var passing = interceptors.PassAsync(stanza, new StanzaContext(StanzaPoint.ToSession, sender, domain, session), table, ct);
        // Nearly always nobody has to be waited for, and no copies are about.
        if (passing is not { IsCompletedSuccessfully: true, Result: { Result: Intercepted.Continue } passage } || passage.Stanza != stanza || _copied.TryGetValue(stanza, out _))
        {
            return WriteAsync(session, stanza, passing, delivery, ct);
        }

        var writing = session.WriteAsync(stanza, delivery, ct);
        return writing.IsCompletedSuccessfully ? new(writing.Result ? Written.Yes : Written.Over) : WrittenAsync(writing);
    }

    private static async ValueTask<Written> WrittenAsync(ValueTask<bool> writing) => await writing ? Written.Yes : Written.Over;

    private async ValueTask<Written> WriteAsync(Session session, Stanza stanza, ValueTask<Passage> passing, Delivery? delivery, CancellationToken ct)
    {
        var (intercepted, passed) = await passing;
        switch (intercepted)
        {
            case Intercepted.Handled:
                delivery?.Arrived();
                return Written.Yes;
            case Intercepted.Failed:
                return Written.Failed;
        }

        // The interceptors may have given others a copy of it, as it was or as it goes on.
        var shown = passed;
        if (!_copied.TryGetValue(passed, out var copies) && passed != stanza && _copied.TryGetValue(stanza, out copies)) shown = stanza;
        stanza = passed;
        if (copies is null) return await session.WriteAsync(stanza, delivery, ct) ? Written.Yes : Written.Over;
        switch (delivery)
        {
            case null:
                copies.Join();
                delivery = copies;
                break;
            case SharedDelivery shared:
                copies.PassTo(shared);
                break;
            default:
                copies.Arrived(); // somebody else sees to it that it arrives
                break;
        }

        if (await session.WriteAsync(stanza, delivery, ct)) return Written.Yes;
        // Its copies are with the others, and the last of them takes it along should it be lost too.
        if (ReferenceEquals(delivery, copies) && copies.Lost(stanza) is null) return Written.Yes;
        _copied.Remove(shown);
        return Written.Over;
    }

    /// <summary>Writes to a session a copy of a message that is on its way to another client of the same account.</summary>
    public async ValueTask WriteCopyAsync(Session session, Stanza copy, Stanza original, SenderInfo sender, RoutingTable table, CancellationToken ct)
    {
        var shared = _copied.GetValue(original, static o => new SharedDelivery(o));
        shared.Join();
        if (await WriteAsync(session, copy, sender, table, shared, ct) != Written.Yes) shared.Abandon();
    }
}
