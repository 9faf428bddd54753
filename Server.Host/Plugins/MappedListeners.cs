using Microsoft.Extensions.Configuration;
using Parley.Plugin.Abstractions;
using Parley.Server.Host.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>A listener of a plugin that is on at the start. Plain data, which keeps no plugin's types.</summary>
/// <param name="Key">The key that it is named by.</param>
/// <param name="Port">Its port; of a shared one that of HTTPS.</param>
/// <param name="IsShared">Whether the port is that of HTTPS.</param>
/// <param name="IsTls">Whether TLS is ended there.</param>
/// <param name="ApplicationProtocols">What ALPN offers.</param>
internal sealed record MappedListener(string Key, int Port, bool IsShared, bool IsTls, IReadOnlyList<string> ApplicationProtocols);

/// <summary>The listeners that the plugins of the start mapped.</summary>
internal sealed class MappedListeners : IConnectionListeners
{
    /// <summary>Asks the plugins that are on where they listen.</summary>
    public MappedListeners(PluginPlan plan, IConfiguration configuration, XmppServerSettings settings)
    {
        var https = settings.Listeners.Https.Port;
        All =
        [
            .. from plugin in plan.Entries.Where(e => e.Switches.Enabled).Select(e => e.Code.Declaration)
               from mapped in plugin.Connections
               let wanted = mapped.Port(Bound(plugin, mapped.Options, configuration))
               let port = wanted == 0 || !mapped.IsShared ? wanted : https
               where port is > 0 and <= 65535
               select new MappedListener(mapped.Listener.Key, port, mapped.IsShared, mapped.IsShared || mapped.Listener.IsTls, [.. mapped.Listener.ApplicationProtocols ?? []]),
        ];
    }

    /// <summary>All of them.</summary>
    public IReadOnlyList<MappedListener> All { get; }

    /// <summary>Those with a port of their own.</summary>
    public IEnumerable<MappedListener> Own => All.Where(l => !l.IsShared);

    /// <summary>Those that share HTTPS.</summary>
    public IEnumerable<MappedListener> Shared => All.Where(l => l.IsShared);

    /// <inheritdoc/>
    public int? PortOf(string key) => All.FirstOrDefault(l => l.Key.Equals(key, StringComparison.OrdinalIgnoreCase))?.Port;

    /// <summary>Ports that two listeners want, a line each.</summary>
    /// <param name="server">The server's own listeners, by key.</param>
    public IEnumerable<string> Clashes(IReadOnlyList<(string Key, int Port)> server)
    {
        var taken = new Dictionary<int, string>();
        foreach (var (key, port) in server) taken.TryAdd(port, key);
        foreach (var listener in Own)
        {
            if (!taken.TryAdd(listener.Port, listener.Key)) yield return $"{listener.Key}: {listener.Port} is the port of {taken[listener.Port]} already.";
        }
    }

    private static object Bound(PluginDeclaration plugin, Type type, IConfiguration configuration)
    {
        var options = plugin.Options.FirstOrDefault(o => o.Type == type)
            ?? throw new InvalidOperationException($"The plugin {plugin.Name} maps a listener by {type.Name}, which no AddOptions binds.");
        var value = Activator.CreateInstance(type)!;
        // Its faults have been found already.
        OptionsBinder.Bind(configuration.GetSection(options.TopLevelSection ?? plugin.Section), value, new Faults(), PluginConfiguration.KnownElsewhere(plugin, options));
        return value;
    }
}
