using Parley.Server.Host.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>Reads the configuration's file again while the server runs: whole and judged whole, or not at all.</summary>
internal sealed class ConfigurationReload(HostConfiguration configuration, XmppServerSettings settings)
{
    /// <summary>Does it. Plugins hear of new values by their options' monitors; what is read at the start only counts again at the next one.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; everything is as before.</exception>
    /// <exception cref="StartFailureException">The file cannot be read; everything is as before.</exception>
    public void Run()
    {
        var next = configuration.ReadAgain();
        var faults = new Faults(next.SourceOf);
        StartSettings.Bind(next.Root, faults);
        foreach (var entry in PluginPlan.Make(next.Root, settings, faults).Entries) entry.Take().Context?.Unload(); // opened to be judged, not to run
        if (faults.Lines.Count > 0) throw new ConfigurationException(faults.Lines);
        configuration.Reload();
        configuration.Announce();
    }
}
