using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams;

/// <summary>What plugins do when a client binds a resource by XEP-0386.</summary>
internal sealed class BindFeatures(RoutingTableHolder tables, XmppServerSettings settings, TimeProvider time, ILogger<BindFeatures> log, IContributions<IBindFeature>? features = null)
{
    /// <summary>The namespaces that can be asked for at a domain.</summary>
    public IEnumerable<string> Of(string domain)
    {
        var served = ServerCapabilities.Of(domain, tables.Current).Names;
        return (features?.Items ?? []).Select(f => f.Namespace).OfType<string>().Where(served.Contains).Order(StringComparer.Ordinal);
    }

    /// <summary>Lets each take part; one that fails costs its own answer only.</summary>
    /// <param name="bound">The session.</param>
    /// <param name="bind">What the client asks for.</param>
    /// <param name="ct">Ends with the connection.</param>
    /// <returns>What the client is told.</returns>
    public async ValueTask<IReadOnlyList<Element>> ApplyAsync(IBoundSession bound, Element bind, CancellationToken ct)
    {
        if (features is null || bound is not ISession session) return [];
        var domain = settings.ParentOfGuestDomain(session.Jid.Domain) ?? session.Jid.Domain;
        var served = ServerCapabilities.Of(domain, tables.Current).Names;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(ct);
        await using var timer = time.CreateTimer(_ => limit.Cancel(), null, settings.Limits.HandlerTime, Timeout.InfiniteTimeSpan);
        var told = new List<Element>();
        foreach (var feature in features.Items.Where(f => f.Namespace is null || served.Contains(f.Namespace)))
        {
            try
            {
                var request = feature.Namespace is { } ns ? bind.Children.FirstOrDefault(c => c.Namespace == ns) : null;
                if (await feature.BoundAsync(session, request, limit.Token) is { } answer) told.Add(answer);
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                throw;
            }
#pragma warning disable CA1031 // A plugin's fault must not keep the client out.
            catch (Exception e)
            {
                log.LogError(207, e, "{Feature} failed at a binding", feature.GetType().FullName);
            }
#pragma warning restore CA1031
        }

        return told;
    }
}
