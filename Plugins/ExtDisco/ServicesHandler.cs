using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// Lists services, all or those of one type (XEP-0215 sections 3.1 and 3.2). Credentials are in the answer itself, because few clients ask for them apart;
/// a service that needs some where nobody issues any is left out, because a client would try it in vain.
/// </summary>
public sealed class ServicesHandler(IContributions<IExternalServiceSource> sources, IContributions<ITurnCredentialIssuer> issuers) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Answer(iq));

    private IqReply Answer(IqRequest iq)
    {
        if (!ServiceAccess.IsGranted(iq.Sender)) return iq.Error(StanzaCondition.Forbidden);
        var type = iq.Payload["type"];
        if (type is "") return iq.Error(StanzaCondition.BadRequest);

        var requester = new ServiceRequester(iq.From, iq.Sender, iq.Domain);
        var listed = ServiceOrder.Arrange(ServiceCatalogue.List(sources, requester).Where(s => type is null || s.Type == type));
        var credentials = listed.Any(s => s.Restricted) ? ServiceCatalogue.Issue(issuers, requester) : null;
        return iq.Result(new Element("services", Ns.ExtDisco)
            .Attr("type", type)
            .Add(listed.Where(s => !s.Restricted || credentials is not null).Select(s => ServiceElement.Write(s, credentials))));
    }
}
