using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>Gives credentials for a service that the requester names (XEP-0215 section 3.3).</summary>
public sealed class CredentialsHandler(IContributions<IExternalServiceSource> sources, IContributions<ITurnCredentialIssuer> issuers) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) => new(Answer(iq));

    private IqReply Answer(IqRequest iq)
    {
        if (!ServiceAccess.IsGranted(iq.Sender)) return iq.Error(StanzaCondition.Forbidden);
        if (ServiceQuery.Read(iq.Payload) is not { } query) return iq.Error(StanzaCondition.BadRequest);

        var requester = new ServiceRequester(iq.From, iq.Sender, iq.Domain);
        var found = ServiceCatalogue.List(sources, requester).Where(s => s.Restricted && query.Matches(s)).Distinct().ToList();
        // Without an issuer the service is not listed either, so it is no more found here than there.
        if (found.Count == 0 || issuers.Items.Count == 0) return iq.Error(StanzaCondition.ItemNotFound);
        if (ServiceCatalogue.Issue(issuers, requester) is not { } credentials) return iq.Error(StanzaCondition.NotAuthorized);
        return iq.Result(new Element("credentials", Ns.ExtDisco).Add(found.Select(s => ServiceElement.Write(s, credentials))));
    }
}
