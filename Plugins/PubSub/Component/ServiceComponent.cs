using Parley.Plugin.Abstractions;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Requests;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.PubSub.Component;

/// <summary>The service for everybody, with a domain of its own (XEP-0060): what it is, and what becomes of stanzas that are no requests of that protocol.</summary>
internal sealed class ServiceComponent(Authorizations authorizations, IStanzaRouter router) : IComponent
{
    /// <summary>Its name among the server's components.</summary>
    public const string Name = "pubsub";

    private static readonly DiscoInfo Service = new([new DiscoIdentity("pubsub", "service", "Publish-subscribe")], [PubSubNames.Namespace, PubSubNames.Owner, Ns.Ping, .. Features.OfComponents]);

    /// <inheritdoc/>
    public DiscoInfo? Describe(Jid address, string? node) => IsService(address) && node is null ? Service : null;

    /// <summary>Whether an address is the service's; there is nobody below it.</summary>
    public static bool IsService(Jid address) => address.Local is null && address.Resource is null;

    /// <inheritdoc/>
    public async ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        var isHere = IsService(stanza.To!);
        switch (stanza)
        {
            case Iq { Type: "get" } iq when isHere && iq.Payload!.Is("ping", Ns.Ping):
                await router.RouteAsync(iq.Result(), ct);
                break;
            case Message { IsError: false } message when isHere && context.Sender.Kind != SenderKind.Guest && await authorizations.TakeAsync(new Operations.Service(message.To!, false), message, context.Sender.Kind, ct):
                break;
            case Iq { IsRequest: true } or Message { IsError: false }:
                await router.RouteAsync(stanza.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)), ct);
                break;
            case Presence { Type: "subscribe" }:
                // Nobody's presence is of use here, and none is shown (XEP-0060 section 12.1 leaves it open).
                await router.RouteAsync(new Presence(new Xmpp.Core.Xml.Element("presence", Ns.Client).Attr("type", "unsubscribed").Attr("from", stanza.To!.Bare.ToString()).Attr("to", stanza.From!.Bare.ToString())), ct);
                break;
        }
    }
}
