using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.TurnCredentials;

/// <summary>Looks accounts up for <see cref="AccountPresence"/>.</summary>
public sealed class AccountRefresher(AccountPresence presence, IAccountStore accounts, TimeProvider time, ILogger<AccountRefresher> log) : BackgroundService
{
    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await foreach (var account in presence.Wanted.ReadAllAsync(stoppingToken))
        {
            // A component has credentials too, but no account that could be removed.
            if (!Jid.TryParse(account, out var jid) || jid.Local is null) continue;
            try
            {
                presence.Learn(account, await accounts.ExistsAsync(jid, stoppingToken), time.GetUtcNow());
            }
            catch (Exception e) when (e is not OperationCanceledException)
            {
                // The store's failures are the server's to mend; TURN goes on with what was known.
                log.LogWarning(e, "Looking up an account for TURN failed");
            }
        }
    }
}
