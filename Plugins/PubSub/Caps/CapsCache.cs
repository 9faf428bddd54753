using System.Diagnostics.CodeAnalysis;

namespace Parley.Plugins.PubSub.Caps;

/// <summary>The wishes behind proved hashes. Bounded: the one that was not asked for longest goes.</summary>
internal sealed class CapsCache(int capacity = CapsCache.DefaultCapacity)
{
    /// <summary>Hashes that are kept. A hash stands for a version of a client, of which even a large server sees some hundreds.</summary>
    public const int DefaultCapacity = 4000;

    private readonly Dictionary<(string Algorithm, string Hash), LinkedListNode<Entry>> _entries = [];
    private readonly LinkedList<Entry> _order = [];

    public int Count
    {
        get
        {
            lock (_entries) return _entries.Count;
        }
    }

    public bool TryGet(CapsClaim claim, [NotNullWhen(true)] out IReadOnlySet<string>? wishes)
    {
        wishes = null;
        if (claim.Algorithm is null) return false;
        lock (_entries)
        {
            if (!_entries.TryGetValue((claim.Algorithm, claim.Hash), out var entry)) return false;
            _order.Remove(entry);
            _order.AddFirst(entry);
            wishes = entry.Value.Wishes;
            return true;
        }
    }

    public void Add(CapsClaim claim, IReadOnlySet<string> wishes)
    {
        var key = (claim.Algorithm!, claim.Hash);
        lock (_entries)
        {
            if (_entries.Remove(key, out var old)) _order.Remove(old);
            _entries[key] = _order.AddFirst(new Entry(key, wishes));
            if (_entries.Count <= capacity) return;
            _entries.Remove(_order.Last!.Value.Key);
            _order.RemoveLast();
        }
    }

    private sealed record Entry((string Algorithm, string Hash) Key, IReadOnlySet<string> Wishes);
}
