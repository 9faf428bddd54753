using System.Collections.Concurrent;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Blocking;

/// <summary>Everybody's block lists: those that were asked for of late are in memory. Every stanza asks, so a list that is there is given without waiting.</summary>
internal sealed class BlockLists(BlockStore store)
{
    /// <summary>Lists in memory at most; twice the half of them.</summary>
    internal const int MaxCached = 40_000;

    private readonly AccountLocks _locks = new();
    private readonly Lock _gate = new();
    // Two generations: when the young one is full it becomes the old one, and the old one is forgotten.
    private volatile ConcurrentDictionary<Jid, BlockList> _young = new();
    private volatile ConcurrentDictionary<Jid, BlockList> _old = new();

    /// <summary>How many lists are in memory.</summary>
    public int Cached => _young.Count + _old.Count;

    /// <summary>Whether an account's list is in memory, and empty.</summary>
    public bool IsKnownEmpty(Jid account) => Cache(account) is { Items.Count: 0 };

    /// <summary>An account's list.</summary>
    public ValueTask<BlockList> FindAsync(Jid account, CancellationToken ct) => Cache(account) is { } list ? new(list) : LoadAsync(account, ct);

    /// <summary>Blocks addresses; what is blocked already stays so.</summary>
    /// <returns>The list before and after; null where it would have more than <paramref name="max"/> items.</returns>
    public async ValueTask<(BlockList Before, BlockList After)?> BlockAsync(Jid account, IReadOnlyCollection<Jid> addresses, int max, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(account, ct);
        var before = Cache(account) ?? await store.ReadAsync(account, ct);
        Jid[] added = [.. addresses.Except(before.Items)];
        if (added.Length == 0) return (before, before);
        if (before.Items.Count + added.Length > max) return null;
        await store.AddAsync(account, added, ct);
        return (before, Keep(account, new BlockList([.. before.Items, .. added])));
    }

    /// <summary>Unblocks addresses, or (null) all.</summary>
    public async ValueTask<(BlockList Before, BlockList After)> UnblockAsync(Jid account, IReadOnlyCollection<Jid>? addresses, CancellationToken ct)
    {
        using var turn = await _locks.EnterAsync(account, ct);
        var before = Cache(account) ?? await store.ReadAsync(account, ct);
        Jid[] removed = [.. addresses is null ? before.Items : before.Items.Intersect(addresses)];
        if (removed.Length == 0) return (before, before);
        await store.RemoveAsync(account, removed, ct);
        return (before, Keep(account, new BlockList(before.Items.Except(removed))));
    }

    /// <summary>Forgets an account that is gone: whoever gets its name later blocks nobody.</summary>
    public void Forget(Jid account)
    {
        lock (_gate)
        {
            _young.TryRemove(account, out _);
            _old.TryRemove(account, out _);
        }
    }

    private BlockList? Cache(Jid account)
    {
        if (_young.TryGetValue(account, out var list)) return list;
        if (!_old.ContainsKey(account)) return null;
        lock (_gate)
        {
            // Looked at again: what was changed meanwhile is in the young one.
            if (_young.TryGetValue(account, out list)) return list;
            return _old.TryGetValue(account, out list) ? Keep(account, list) : null;
        }
    }

    private async ValueTask<BlockList> LoadAsync(Jid account, CancellationToken ct)
    {
        // In turn with changes, so that none of them is overwritten by what was there before.
        using var turn = await _locks.EnterAsync(account, ct);
        return Cache(account) ?? Keep(account, await store.ReadAsync(account, ct));
    }

    private BlockList Keep(Jid account, BlockList list)
    {
        lock (_gate)
        {
            if (_young.Count >= MaxCached / 2)
            {
                _old = _young;
                _young = new();
            }

            return _young[account] = list;
        }
    }
}

/// <summary>Forgets the lists of removed accounts.</summary>
internal sealed class BlockListsOfRemoved(BlockLists lists) : IAccountObserver
{
    /// <inheritdoc/>
    public void Removed(Jid account) => lists.Forget(account);
}
