using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>
/// Takes what clients had not acknowledged when the server crashed to where it goes without them (XEP-0198 section 4), as at the end of a session: once the plugins are there, and before the
/// first client is. After a stop in good order there is nothing.
/// </summary>
internal sealed class UnacknowledgedRecovery(IUnacknowledgedStore store, KeptMessages kept, LostStanzas lost, TimeProvider time, ILogger<UnacknowledgedRecovery> log) : IHostedService, IDisposable
{
    private const int Page = 1000;
    private const int AccountsAtOnce = 64;

    // For so long the listeners wait; what is left then comes beside the clients.
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly CancellationTokenSource _over = new();
    private Task _running = Task.CompletedTask;

    /// <inheritdoc/>
    public async Task StartAsync(CancellationToken cancellationToken)
    {
        _running = RunAsync(_over.Token);
        try
        {
            await _running.WaitAsync(Patience, time, cancellationToken);
        }
        catch (TimeoutException)
        {
            log.LogInformation("Messages from before the crash are still being delivered; the server starts meanwhile");
        }
    }

    /// <inheritdoc/>
    public async Task StopAsync(CancellationToken cancellationToken)
    {
        await _over.CancelAsync();
        await _running.WaitAsync(cancellationToken);
    }

    /// <inheritdoc/>
    public void Dispose() => _over.Dispose();

    private async Task RunAsync(CancellationToken ct)
    {
        var count = 0;
        try
        {
            for (long last = 0; !ct.IsCancellationRequested;)
            {
                var page = await store.ReadAsync(last, Page, ct);
                if (page.Count == 0) break;
                last = page[^1].Id;
                count += page.Count;
                await Parallel.ForEachAsync(page.GroupBy(m => m.Account), new ParallelOptions { MaxDegreeOfParallelism = AccountsAtOnce, CancellationToken = ct }, (of, _) => lost.RouteAnewAsync(of.Key, [.. of.Select(Find)]));
            }
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // What is left is left to the next start.
        }
        catch (Exception e)
        {
            log.LogError(e, "Messages that clients had not acknowledged when the server ended could not be read");
        }

        if (count > 0) log.LogInformation("{Count} messages that clients had not acknowledged when the server ended were delivered anew", count);
    }

    // An error would find no sender here, so that what was for one resource is for the account, of whatever type it is.
    private Undelivered Find(UnacknowledgedMessage found)
    {
        var message = found.Message is { To: { Resource: not null } to, Type: not "chat" } other ? (Core.Stanzas.Message)other.WithAddresses(to: to.Bare) : found.Message;
        kept.Found(found with { Message = message });
        return new Undelivered(message, found.Received, null);
    }
}
