using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;
using Parley.Xmpp.Server.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>What is to be loaded at the start: every plugin found, declared and judged against the configuration.</summary>
internal sealed record PluginPlan(IReadOnlyList<PluginPlan.Entry> Entries)
{
    /// <summary>A plugin.</summary>
    internal sealed class Entry(PluginSource source, LoadedCode code, PluginSwitches switches)
    {
        private LoadedCode? _code = code;

        public PluginSource Source { get; } = source;

        public PluginSwitches Switches { get; } = switches;

        /// <summary>What was loaded, until it is taken.</summary>
        public LoadedCode Code => _code ?? throw new InvalidOperationException($"{Source.Name} was taken.");

        /// <summary>Hands over what was loaded. The plan lives as long as the server, and must not keep a plugin that is unloaded one day.</summary>
        public LoadedCode Take() => Interlocked.Exchange(ref _code, null) ?? throw new InvalidOperationException($"{Source.Name} was taken.");
    }

    /// <summary>Finds and checks them.</summary>
    public static PluginPlan Make(IConfiguration configuration, XmppServerSettings settings, Faults faults) =>
        Make(PluginCatalogue.Find(settings.DataDirectory), configuration, settings, faults);

    /// <summary>Checks these.</summary>
    public static PluginPlan Make(IReadOnlyList<PluginSource> sources, IConfiguration configuration, XmppServerSettings settings, Faults faults)
    {
        var entries = new List<Entry>();
        var unusable = new List<string>();
        foreach (var source in sources)
        {
            if (sources.FirstOrDefault(s => s.Name.Equals(source.Name, StringComparison.OrdinalIgnoreCase)) is { } first && first != source)
            {
                faults.Add($"Plugins:{source.Name}: {source.Path} bears the name of {(first.Path is null ? "a built-in plugin" : first.Path)}.");
                continue;
            }

            var switches = PluginSwitches.Read(configuration.GetSection("Plugins:" + source.Name), settings.Domains, faults);
            try
            {
                entries.Add(new Entry(source, source.Open(), switches));
            }
            catch (PluginFaultException e)
            {
                unusable.Add(source.Name);
                // What is off does no harm: the operator turned it off for that very reason.
                if (switches.Enabled) faults.Add(e.Message);
            }
        }

        PluginConfiguration.Check(configuration, [.. entries.Select(e => e.Code.Declaration)], unusable, faults);
        return new PluginPlan(entries);
    }
}
