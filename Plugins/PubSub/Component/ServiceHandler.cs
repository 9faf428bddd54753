using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Requests;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Component;

/// <summary>Answers requests to the service for everybody. Guests are nobody there: what they subscribed would outlive them.</summary>
internal sealed class ServiceHandler(PubSubRequests requests) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!ServiceComponent.IsService(iq.To)) return new(iq.Error(StanzaCondition.ServiceUnavailable));
        if (iq.Sender.Kind == SenderKind.Guest) return new(iq.Error(StanzaCondition.Forbidden));
        return requests.RunAsync(iq, new Operations.Service(iq.To, false), ct);
    }
}
