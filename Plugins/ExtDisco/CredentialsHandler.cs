using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>Gives credentials for a service that the requester names (XEP-0215 section 3.3).</summary>
public sealed class CredentialsHandler(ServiceCatalogue catalogue, ServiceAccess access) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Answer(iq));

    private IqReply Answer(IqRequest iq)
    {
        if (!access.IsGranted(iq.Sender, iq.From)) return iq.Error(StanzaCondition.Forbidden);
        if (ServiceQuery.Read(iq.Payload) is not { } query) return iq.Error(StanzaCondition.BadRequest);

        var requester = new ServiceRequester(iq.From, iq.Sender, iq.Domain);
        // A service that is not listed, for want of an issuer, is no more found here than there.
        var found = catalogue.List(requester).Where(e => e.Service.Restricted && query.Matches(e.Service)).DistinctBy(e => e.Key).ToList();
        if (found.Count == 0) return iq.Error(StanzaCondition.ItemNotFound);
        var given = ServicesHandler.Given(found, catalogue.Issue(requester)).ToList();
        if (given.Count == 0) return iq.Error(StanzaCondition.NotAuthorized);
        return iq.Result(new Element("credentials", iq.Payload.Namespace).Add(given.Select(g => ServiceElement.Write(g.Entry.Service, g.Credentials, iq.Payload.Namespace))));
    }
}
