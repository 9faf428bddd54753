using System.Collections.Immutable;
using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>The keys of a plugin's section that belong to the host.</summary>
/// <param name="Enabled">Whether it runs.</param>
/// <param name="Hosts">The served domains that it serves; empty means all.</param>
internal sealed record PluginSwitches(bool Enabled, ImmutableHashSet<string> Hosts)
{
    public const string EnabledKey = "Enabled";
    public const string HostsKey = "Hosts";

    /// <summary>Reads them.</summary>
    public static PluginSwitches Read(IConfigurationSection section, IReadOnlyList<string> domains, Faults faults)
    {
        var keys = new Keys();
        OptionsBinder.Bind(new ConfigurationBuilder().AddInMemoryCollection(section.AsEnumerable().Where(p => IsOurs(section, p.Key))).Build().GetSection(section.Path), keys, faults);
        foreach (var host in keys.Hosts.Where(h => !domains.Contains(h))) faults.Wrong($"{section.Path}:{HostsKey}", host, $"among the served domains ({string.Join(", ", domains)})");
        return new PluginSwitches(keys.Enabled, [.. keys.Hosts]);
    }

    /// <summary>The section as the plugin sees it: without those keys.</summary>
    public static IConfiguration Strip(IConfigurationSection section) =>
        new ConfigurationBuilder().AddInMemoryCollection(section.AsEnumerable(makePathsRelative: true).Where(p => p.Key.Length > 0 && !IsOurs(p.Key))).Build();

    private static bool IsOurs(IConfigurationSection section, string path) => path.Length > section.Path.Length && IsOurs(path[(section.Path.Length + 1)..]);

    private static bool IsOurs(string relative) => relative.Split(':')[0] is var first && (first.Equals(EnabledKey, StringComparison.OrdinalIgnoreCase) || first.Equals(HostsKey, StringComparison.OrdinalIgnoreCase));

    private sealed class Keys
    {
        public bool Enabled { get; set; } = true;

        public IList<string> Hosts { get; init; } = [];
    }
}
