using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Takes what is addressed to a served domain itself (RFC 6120 section 10.5.1 and 10.5.2).</summary>
internal sealed class ServerDelivery(IqDispatcher dispatcher, ServiceDiscovery discovery, ServerCommands commands)
{
    /// <summary>Takes one stanza.</summary>
    public async ValueTask<Outcome> DeliverAsync(Stanza stanza, Addressee addressee, SenderInfo sender, RoutingTable table, CancellationToken ct)
    {
        if (stanza is Presence) return Outcome.Done;
        if (stanza is not Iq { IsRequest: true } iq || iq.To!.Resource is not null) return Outcome.Refuse(StanzaCondition.ServiceUnavailable);
        if (IqDispatcher.Find(iq, IqTarget.Server, null, addressee.Domain, table) is { } handler) return await dispatcher.CallAsync(handler, new IqRequest(iq, sender, addressee.Domain), ct);
        if (await commands.AnswerAsync(iq, addressee.Domain, sender, ct) is { } told) return told;
        if (ServiceDiscovery.IsAsked(iq)) return discovery.OfServer(iq, addressee.Domain, table);
        return SessionRequest.Answer(iq) is { } answer ? Outcome.Reply(answer) : Outcome.Refuse(StanzaCondition.ServiceUnavailable);
    }
}
