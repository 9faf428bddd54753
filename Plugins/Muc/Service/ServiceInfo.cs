using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Muc.Service;

/// <summary>Answers disco#info: of the service itself, and by each room for its own address.</summary>
internal sealed class ServiceInfo(RoomsComponent component) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.To.Local is not null)
        {
            await component.OnStanzaAsync(iq.Iq, new StanzaContext(StanzaPoint.FromRemote, iq.Sender, iq.Domain), ct);
            return IqReply.Later;
        }

        return component.Describe(iq.To, iq.Payload["node"]) is { } info ? iq.Result(info.ToElement()) : iq.Error(StanzaCondition.ItemNotFound);
    }
}
