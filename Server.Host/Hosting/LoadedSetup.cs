using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;
using Parley.Server.Host.Plugins;

namespace Parley.Server.Host.Hosting;

/// <summary>The configuration, read and found to be right.</summary>
internal sealed record LoadedSetup(HostConfiguration Configuration, StartSettings Settings, PluginPlan Plugins, MappedListeners Listeners)
{
    /// <summary>What plugins make of the sections that they claim.</summary>
    public ClaimedSettings Claimed { get; } = new(Plugins, Configuration.Root);

    /// <summary>The networks from which media come without encryption (<c>Plugins:FocusAgent:RawUdp</c>); empty where that is off.</summary>
    public IReadOnlyList<string> RawNetworks => Plugins.Entries.Any(e => e.Source.Name == "FocusAgent" && e.Switches.Enabled) && bool.TryParse(Configuration.Root["Plugins:FocusAgent:RawUdp:Enabled"], out var isOn) && isOn
        ? ListOf(Configuration.Root.GetSection("Plugins:FocusAgent:RawUdp:AllowedNetworks"))
        : [];

    /// <summary>The UDP ports that media and TURN take.</summary>
    public UdpPorts Udp => UdpPorts.Of(Claimed, RawNetworks.Count > 0);

    // As the file has lists, or as the command line has them.
    private static List<string> ListOf(IConfigurationSection section) =>
        [.. section.Value?.Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries) ?? [], .. section.GetChildren().Select(n => n.Value).OfType<string>()];

    /// <summary>Reads and checks everything.</summary>
    /// <exception cref="ConfigurationException">Something is wrong; it names everything that is.</exception>
    public static LoadedSetup Load(CommandLine line)
    {
        var configuration = line.LoadConfiguration();
        var faults = new Faults(configuration.SourceOf);
        faults.AddRange(line.Arguments.Faults);
        var settings = StartSettings.Bind(configuration.Root, faults);
        var plan = PluginPlan.Make(configuration.Root, settings.Server, faults);
        var listeners = new MappedListeners(plan, configuration.Root, settings.Server);
        faults.AddRange(listeners.Clashes(ListenerFaults.Ports(settings.Server)));
        var setup = new LoadedSetup(configuration, settings, plan, listeners);
        faults.AddRange(setup.Udp.Clashes());
        return faults.Lines.Count == 0 ? setup : throw new ConfigurationException(faults.Lines);
    }
}

/// <summary>What stood on the command line beside the verb.</summary>
/// <param name="Arguments">The settings.</param>
/// <param name="ConfigurationFile">The file that <c>--config</c> names.</param>
internal sealed record CommandLine(SettingArguments Arguments, string? ConfigurationFile)
{
    /// <summary>Reads the configuration.</summary>
    public HostConfiguration LoadConfiguration() => HostConfiguration.Load(ConfigurationFile, Arguments.Settings);
}
