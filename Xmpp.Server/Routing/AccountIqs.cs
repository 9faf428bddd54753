using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Answers IQ requests on an account's behalf (RFC 6120 section 10.5.3.3).</summary>
internal sealed class AccountIqs(IqDispatcher dispatcher, ServiceDiscovery discovery)
{
    /// <summary>Answers a request to an account's bare address.</summary>
    public async ValueTask<Outcome> AnswerAsync(Iq iq, Jid account, Addressee addressee, SenderInfo sender, RoutingTable table, CancellationToken ct)
    {
        if (IqDispatcher.Find(iq, IqTarget.Account, null, addressee.Domain, table) is { } handler) return await dispatcher.CallAsync(handler, new IqRequest(iq, sender, addressee.Domain), ct);
        if (ServiceDiscovery.IsAsked(iq)) return await discovery.OfAccountAsync(iq, account, addressee.Domain, table, ct);
        return SessionRequest.Answer(iq) is { } answer ? Outcome.Reply(answer) : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
    }
}
