using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Blocking;

/// <summary>
/// Keeps apart who is blocked and who blocks (XEP-0191 section 3.3). To the one it looks as if the other were not there: presence is dropped, messages and requests meet
/// <c>service-unavailable</c>. The other is told that it blocks.
/// </summary>
internal sealed class BlockedStanzas(BlockLists lists, OwnWord own, IStanzaRouter router, IServerInfo server) : IMessageInterceptor, IPresenceInterceptor, IIqInterceptor
{
    private const string Errors = "urn:xmpp:blocking:errors", MucUser = "http://jabber.org/protocol/muc#user";
    private long _kept;

    /// <summary>How many stanzas were kept back.</summary>
    public long Kept => Interlocked.Read(ref _kept);

    /// <inheritdoc/>
    public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct) => SeeAsync(message, context, ct);

    /// <inheritdoc/>
    public ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct) => SeeAsync(presence, context, ct);

    /// <inheritdoc/>
    public ValueTask<Interception> OnIqAsync(Iq iq, StanzaContext context, CancellationToken ct) => SeeAsync(iq, context, ct);

    private ValueTask<Interception> SeeAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        var isOut = context.Point is StanzaPoint.FromLocalSession or StanzaPoint.FromLocalAccount;
        // Most block nobody, and that is known.
        if ((!isOut || stanza.From is not { } from || lists.IsKnownEmpty(from.Bare)) && (Receiver(stanza, context) is not { } receiver || lists.IsKnownEmpty(receiver))) return new(Interception.Continue);
        return SeeAsync(stanza, context, isOut, ct);
    }

    private async ValueTask<Interception> SeeAsync(Stanza stanza, StanzaContext context, bool isOut, CancellationToken ct)
    {
        if (isOut && stanza.From is { } from && stanza.To is { } to && await IsBlockedAsync(from.Bare, to, stanza, context.Domain, isOut: true, ct))
        {
            Interlocked.Increment(ref _kept);
            await RefuseAsync(stanza, context, ct);
            return Interception.Handled;
        }

        if (Receiver(stanza, context) is not { } receiver || stanza.From is not { } sender || !await IsBlockedAsync(receiver, sender, stanza, receiver.Domain, isOut: false, ct)) return Interception.Continue;
        Interlocked.Increment(ref _kept);
        await DenyAsync(stanza, context, ct);
        return Interception.Handled;
    }

    // Whose list counts for what comes in. A message meets it where it enters, since an archive keeps it for both sides there; everything else on its way to the account or session,
    // so that what the sender's own side does with it is done.
    private Jid? Receiver(Stanza stanza, StanzaContext context) => context.Point switch
    {
        StanzaPoint.FromLocalSession or StanzaPoint.FromRemote => stanza is Message { To: { Local: not null } to } && server.Domains.Contains(to.Domain) ? to.Bare : null,
        StanzaPoint.ToLocalAccount or StanzaPoint.ToSession => (context.Session?.Jid.Bare ?? stanza.To?.Bare) is { } account && account.Domain == context.Domain ? account : null,
        _ => null,
    };

    private async ValueTask<bool> IsBlockedAsync(Jid account, Jid other, Stanza stanza, string domain, bool isOut, CancellationToken ct)
    {
        // Guests, whose domain is not the served one, have no list.
        if (account.Domain != domain || !BlockList.MayConcern(account, other)) return false;
        var list = await lists.FindAsync(account, ct);
        return list.Items.Count > 0 && Concerns(list, other, stanza, isOut) && !own.Is(stanza);
    }

    private static bool Concerns(BlockList list, Jid other, Stanza stanza, bool isOut) => list.Contains(other)
        // XEP-0045 section 7.8.2: a room passes an invitation on in its own name.
        || (!isOut && stanza is Message && stanza.Element.Child("x", MucUser)?.Child("invite")?["from"] is { } inviter && Jid.TryParse(inviter, out var jid) && list.Contains(jid));

    // As the server would answer for somebody who is not there.
    private async ValueTask DenyAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        if (stanza is Presence || stanza.IsError || stanza is Iq { IsRequest: false }) return;
        // Of what goes to each of several clients, or was kept since before the block, nobody is told again.
        if (stanza is Message && context.Point == StanzaPoint.ToSession && stanza.To is not { Resource: not null }) return;
        if (stanza.To is null) return;
        await router.RouteAsync(own.Say(stanza.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable))), ct);
    }

    private async ValueTask RefuseAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        if (stanza.IsError || stanza is Iq { IsRequest: false } or Presence { Type: "unavailable" or "unsubscribed" or "probe" }) return;
        var refusal = own.Say(stanza.ErrorReply(new StanzaError(StanzaCondition.NotAcceptable, StanzaErrorType.Cancel, Application: new Element("blocked", Errors))));
        if (context.Session is { } session) await session.SendAsync(refusal, ct);
        else if (stanza is Iq) await router.RouteAsync(refusal, ct); // a plugin waits for the answer
    }
}
