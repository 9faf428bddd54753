using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>
/// Tells those who asked what changed (XEP-0215 section 3.2): another configuration, another advertised address, another plugin, revoked credentials. Sources do not say when they
/// change, so they are looked at every few seconds, and at once when the configuration is read again.
/// </summary>
public sealed class ServicePushes(Askers askers, ServiceCatalogue catalogue, ServiceAccess access, IIqClient iqs, IOptionsMonitor<ExtDiscoOptions> options, TimeProvider time, ILogger<ServicePushes> log) : BackgroundService
{
    /// <summary>How often sources are looked at.</summary>
    public static readonly TimeSpan Interval = TimeSpan.FromSeconds(5);

    // Other work comes in between where there are many to tell.
    private const int Batch = 100;

    private readonly SemaphoreSlim _poke = new(0, 1);
    private long _generation;
    private long _sent;

    /// <summary>How many pushes were sent.</summary>
    public long Sent => Interlocked.Read(ref _sent);

    /// <inheritdoc/>
    public override void Dispose()
    {
        base.Dispose();
        _poke.Dispose();
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        _generation = catalogue.Generation;
        using var changes = options.OnChange(_ => Poke());
        while (!stoppingToken.IsCancellationRequested)
        {
            await WaitAsync(stoppingToken);
            try
            {
                if (!stoppingToken.IsCancellationRequested) await LookAsync(stoppingToken);
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // A source of somebody's failed: it may be better next time.
                log.LogWarning(e, "Looking for changed services failed");
            }
        }
    }

    /// <summary>Compares what each was told with what there is, and tells the difference.</summary>
    public async Task LookAsync(CancellationToken ct)
    {
        var generation = catalogue.Generation;
        // It falls where an issuer goes; only one that revoked something is news.
        var isRevoked = generation > _generation;
        _generation = generation;
        var told = 0;
        foreach (var asker in askers.Present())
        {
            ct.ThrowIfCancellationRequested();
            // Nobody's answer is waited for: a client that gives none holds up no other.
            if (Find(asker, isRevoked) is { } push) _ = TellAsync(asker, push, ct);
            if (++told % Batch == 0) await Task.Yield();
        }
    }

    /// <summary>What a push to somebody says; null if nothing changed.</summary>
    internal static Element? Difference(Asker asker, IReadOnlyList<CatalogueEntry> now, bool isRevoked, Func<CatalogueEntry, TurnCredentials?> issue)
    {
        var (before, after) = (asker.Known.DistinctBy(e => e.Key).ToDictionary(e => e.Key), now.DistinctBy(e => e.Key).ToDictionary(e => e.Key));
        var gone = before.Values.Where(e => !after.ContainsKey(e.Key)).Select(e => ServiceElement.WriteDeleted(e.Service, asker.Namespace));
        var changed = after.Values.Where(e => !before.TryGetValue(e.Key, out var old) || old != e || (isRevoked && e is { Service.Restricted: true, Own: null }));
        var told = ServicesHandler.Given(changed, issue).Select(g => ServiceElement.Write(g.Entry.Service, g.Credentials, asker.Namespace, before.ContainsKey(g.Entry.Key) ? "modify" : "add"));
        List<Element> all = [.. told, .. gone];
        return all.Count == 0 ? null : new Element("services", asker.Namespace).Attr("type", asker.Type).Add(all);
    }

    private Element? Find(Asker asker, bool isRevoked)
    {
        // Who may no longer ask is told of nothing new; what it knows runs out.
        if (!access.IsGranted(asker.Requester.Sender, asker.Requester.Jid)) return null;
        var now = catalogue.List(asker.Requester, asker.Type);
        if (!isRevoked && now.SequenceEqual(asker.Known)) return null;
        var push = Difference(asker, now, isRevoked, catalogue.Issue(asker.Requester));
        askers.Told(asker, now);
        return push;
    }

    private async Task TellAsync(Asker asker, Element push, CancellationToken ct)
    {
        try
        {
            Interlocked.Increment(ref _sent);
            Jid domain = asker.Requester.Jid.Domain;
            var answer = await iqs.RequestAsync("set", domain, asker.Requester.Jid, push, ct: ct);
            // A client that does not know pushes need not be bothered again; one that is out of reach for the moment asks when it is back.
            if (answer.IsError && StanzaError.Of(answer).Condition is StanzaCondition.ServiceUnavailable or StanzaCondition.FeatureNotImplemented or StanzaCondition.NotAllowed) askers.Forget(asker.Session);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The plugin stops.
        }
        catch (Exception e)
        {
            log.LogWarning(e, "Somebody could not be told of changed services");
        }
    }

    private async Task WaitAsync(CancellationToken ct)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var poked = _poke.WaitAsync(over.Token);
        await Task.WhenAny(poked, Task.Delay(Interval, time, over.Token));
        await over.CancelAsync();
        await poked.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private void Poke()
    {
        if (_poke.CurrentCount > 0) return;
        try
        {
            _poke.Release();
        }
        catch (SemaphoreFullException)
        {
            // Two changes at once are one.
        }
    }
}
