using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Requests;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Component;

/// <summary>Answers disco#info: of the service, and of its nodes to those who may read them (XEP-0060 sections 5.1, 5.3 and 5.4).</summary>
internal sealed class ServiceInfo(ServiceComponent component, NodeDiscovery nodes) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!ServiceComponent.IsService(iq.To)) return iq.Error(StanzaCondition.ItemNotFound);
        var node = iq.Payload["node"];
        var info = node is null ? component.Describe(iq.To, null) : await nodes.DescribeAsync(new Operations.Service(iq.To, false), iq.From, node, ct);
        return info is null ? iq.Error(StanzaCondition.ItemNotFound) : iq.Result(info.ToElement(node));
    }
}
