namespace Parley.Xmpp.Server.Protection;

/// <summary>Remembers something of each of the most recent keys, and forgets those that were longest not asked for. Not for several threads at once.</summary>
internal sealed class RecentTable<TKey, TValue>(int most) where TKey : notnull where TValue : new()
{
    private readonly Dictionary<TKey, LinkedListNode<(TKey Key, TValue Value)>> _byKey = [];
    private readonly LinkedList<(TKey Key, TValue Value)> _byUse = [];

    /// <summary>How many are remembered.</summary>
    public int Count => _byKey.Count;

    /// <summary>What is remembered of a key; something new where nothing is.</summary>
    public TValue Get(TKey key)
    {
        if (_byKey.TryGetValue(key, out var node))
        {
            _byUse.Remove(node);
            _byUse.AddLast(node);
            return node.Value.Value;
        }

        if (_byKey.Count >= most)
        {
            _byKey.Remove(_byUse.First!.Value.Key);
            _byUse.RemoveFirst();
        }

        node = _byUse.AddLast((key, new TValue()));
        _byKey.Add(key, node);
        return node.Value.Value;
    }
}
