using System.Collections.Frozen;
using Parley.Plugin.Abstractions;

namespace Parley.Server.Host.Plugins;

/// <summary>Who serves the listeners that plugins mapped, replaced whole at each load and unload.</summary>
internal sealed class ConnectionTable
{
    private volatile FrozenDictionary<string, ISharedConnectionHandler> _handlers = FrozenDictionary<string, ISharedConnectionHandler>.Empty;

    /// <summary>The handler of a listener; null while its plugin is off.</summary>
    public ISharedConnectionHandler? Find(string key) => _handlers.GetValueOrDefault(key);

    /// <summary>Replaces everything.</summary>
    public void Publish(IEnumerable<ConnectionRegistration> listeners) => _handlers = listeners.ToFrozenDictionary(l => l.Key, l => l.Handler, StringComparer.OrdinalIgnoreCase);
}

/// <summary>A listener and who serves it.</summary>
internal sealed record ConnectionRegistration(string Plugin, string Key, ISharedConnectionHandler Handler);
