using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.ExtDisco;

/// <summary>What there is to list for one requester, at this moment: what plugins offer, then what the configuration adds.</summary>
public sealed class ServiceCatalogue(
    IContributions<IExternalServiceSource> sources, IContributions<ITurnCredentialIssuer> issuers, IOptionsMonitor<ExtDiscoOptions> options, TimeProvider time)
{
    /// <summary>Rises when credentials that were given before are worth nothing any more.</summary>
    public long Generation => issuers.Items.Sum(i => i.Generation);

    /// <summary>The services, all or those of one type, in the order in which clients get them (<see cref="ServiceOrder"/>). A service that needs credentials where nobody issues any
    /// is left out, because a client would try it in vain.</summary>
    public IReadOnlyList<CatalogueEntry> List(ServiceRequester requester, string? type = null)
    {
        var hasIssuer = issuers.Items.Count > 0;
        var offered = sources.Items.SelectMany(s => s.List(requester)).Where(s => hasIssuer || !s.Restricted).Select(s => new CatalogueEntry(s));
        return ServiceOrder.Arrange(offered.Concat(Configured()).Where(e => type is null || e.Service.Type == type));
    }

    /// <summary>Credentials for several services of one requester: the issuers' are the same for all that are theirs.</summary>
    public Func<CatalogueEntry, TurnCredentials?> Issue(ServiceRequester requester)
    {
        var issued = new Lazy<TurnCredentials?>(() => issuers.Items.Select(issuer => issuer.Issue(requester)).FirstOrDefault(credentials => credentials is not null));
        return entry => !entry.Service.Restricted ? null : entry.Own is { } own ? SharedSecretCredentials.Make(own, requester, time.GetUtcNow()) : issued.Value;
    }

    private IEnumerable<CatalogueEntry> Configured()
    {
        var chosen = options.CurrentValue;
        return chosen.Services.Select(s => new CatalogueEntry(
            new ExternalService(s.Type, s.Host, s.EffectivePort, s.EffectiveTransport, s.IsRestricted, s.Name),
            s.IsRestricted ? new OwnCredentials(s.Username, s.Password, s.Secret, chosen.Lifetime) : null));
    }
}
