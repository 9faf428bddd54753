using System.Collections.Frozen;
using Parley.Plugin.Abstractions;

namespace Parley.Server.Host.Plugins;

/// <summary>The items that plugins offer one another, replaced whole at each load and unload.</summary>
internal sealed class ContributionTable
{
    private volatile FrozenDictionary<Type, Array> _items = FrozenDictionary<Type, Array>.Empty;

    /// <summary>The items of a type.</summary>
    public IReadOnlyList<TItem> Of<TItem>() where TItem : class => _items.TryGetValue(typeof(TItem), out var items) ? (TItem[])items : [];

    /// <summary>Replaces everything.</summary>
    public void Publish(IEnumerable<(Type Item, object Value)> items) => _items = items.GroupBy(i => i.Item).ToFrozenDictionary(g => g.Key, g =>
    {
        var values = g.Select(i => i.Value).ToArray();
        var typed = Array.CreateInstance(g.Key, values.Length);
        values.CopyTo(typed, 0);
        return typed;
    });
}

/// <summary>A plugin's view of the table. Keeps nothing, so that it keeps no unloaded plugin alive.</summary>
internal sealed class Contributions<TItem>(ContributionTable table) : IContributions<TItem> where TItem : class
{
    public IReadOnlyList<TItem> Items => table.Of<TItem>();
}
