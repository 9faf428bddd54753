using System.Collections.Concurrent;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Jingle;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Offline;

/// <summary>
/// Gives kept messages to a session, oldest first, each stamped with when it came (XEP-0203), and forgets those that arrived. Each account by itself, and what is on its way
/// is given to nobody else, so that two resources never receive the same ones. A call that nobody makes any more does not ring.
/// </summary>
internal sealed class OfflineDelivery(IOfflineStore store, ISessionDirectory sessions, TimeProvider time, ILogger<OfflineDelivery> log)
{
    private const int BatchSize = 100;
    private readonly AccountLocks _locks = new();
    private readonly ConcurrentDictionary<(Jid Account, long Id), bool> _underway = new();

    /// <summary>Whether a session receives messages to its account (RFC 6121 section 8.5.2.1.1).</summary>
    public static bool IsReceiver(ISession session) => session.IsAvailable && session.Presence?.Priority >= 0;

    /// <summary>A session of an account that receives; null if there is none.</summary>
    public ISession? FindReceiver(Jid account) => sessions.Of(account).FirstOrDefault(IsReceiver);

    /// <summary>Gives all that is kept. What arrived is forgotten later, when the client has told so or it was written.</summary>
    public async ValueTask DeliverAsync(ISession session, CancellationToken ct)
    {
        var account = session.Jid.Bare;
        using var turn = await _locks.EnterAsync(account, ct);
        long last = 0;
        while (session.IsAvailable)
        {
            var kept = await store.ReadAsync(account, BatchSize, last, ct);
            if (kept.Count == 0) return;
            last = kept[^1].Id;
            var stale = await FindStaleCallsAsync(account, kept, ct);
            var given = new List<(long Id, Task<bool> Arrival)>();
            try
            {
                for (var i = 0; i < kept.Count; i++)
                {
                    var (id, message, received) = kept[i];
                    if (!_underway.TryAdd((account, id), true)) continue;
                    given.Add((id, Task.FromResult(stale.Contains(i)))); // as long as nobody has taken it
                    if (!stale.Contains(i)) given[^1] = (id, await session.DeliverAsync(DelayStamp.Add(message, account.Domain, received, "Offline Storage"), ct));
                }
            }
            finally
            {
                if (given.Count > 0) _ = ForgetAsync(account, session, given);
            }
        }
    }

    // What ended a call may be further behind than its proposal.
    private async ValueTask<IReadOnlySet<int>> FindStaleCallsAsync(Jid account, IReadOnlyList<(long Id, Message Message, DateTimeOffset Received)> kept, CancellationToken ct)
    {
        List<(Stanza, DateTimeOffset)> all = [.. kept.Select(k => ((Stanza)k.Message, k.Received))];
        var mayFollow = kept.Count == BatchSize && kept.Any(k => StaleCalls.IsProposal(k.Message, account));
        for (var last = kept[^1].Id; mayFollow;)
        {
            var next = await store.ReadAsync(account, BatchSize, last, ct);
            all.AddRange(next.Select(k => ((Stanza)k.Message, k.Received)));
            mayFollow = next.Count == BatchSize;
            if (mayFollow) last = next[^1].Id;
        }

        return StaleCalls.Find(account, all, time.GetUtcNow());
    }

    // A client that breaks off leaves its messages here: for whoever comes, or for another that is there.
    private async Task ForgetAsync(Jid account, ISession session, List<(long Id, Task<bool> Arrival)> given)
    {
        try
        {
            var arrived = await Task.WhenAll(given.Select(g => g.Arrival));
            var gone = given.Where((_, i) => arrived[i]).Select(g => g.Id).ToList();
            if (gone.Count > 0) await store.RemoveAsync(account, gone, CancellationToken.None);
            foreach (var (id, _) in given) _underway.TryRemove((account, id), out _);
            if (gone.Count < given.Count && !session.IsAvailable && FindReceiver(account) is { } other) await DeliverAsync(other, CancellationToken.None);
        }
        catch (Exception e)
        {
            // What was given may be given again: rather twice than never.
            foreach (var (id, _) in given) _underway.TryRemove((account, id), out _);
            log.LogError(e, "Offline messages that arrived could not be forgotten");
        }
    }
}
