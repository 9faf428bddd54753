using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>What there is to list for one requester, at this moment.</summary>
public static class ServiceCatalogue
{
    /// <summary>The services of all sources, unarranged.</summary>
    public static IEnumerable<ExternalService> List(IContributions<IExternalServiceSource> sources, ServiceRequester requester) =>
        sources.Items.SelectMany(source => source.List(requester));

    /// <summary>Credentials of the first issuer that gives some; null if none does.</summary>
    public static TurnCredentials? Issue(IContributions<ITurnCredentialIssuer> issuers, ServiceRequester requester) =>
        issuers.Items.Select(issuer => issuer.Issue(requester)).FirstOrDefault(credentials => credentials is not null);
}
