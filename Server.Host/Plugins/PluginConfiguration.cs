using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>Checks what the configuration says to plugins.</summary>
internal static class PluginConfiguration
{
    /// <summary>Checks every section that is not the host's own: each must be claimed, once, and say only what its claimant knows.</summary>
    public static void Check(IConfiguration configuration, IReadOnlyList<PluginDeclaration> plugins, IEnumerable<string> unusable, Faults faults)
    {
        var claims = plugins.SelectMany(p => p.Options.Select(o => o.TopLevelSection).OfType<string>().Distinct().Select(section => (Section: section, p.Name))).ToList();
        foreach (var claim in claims.GroupBy(c => c.Section, StringComparer.OrdinalIgnoreCase))
        {
            if (StartSettings.Sections.Contains(claim.Key)) faults.Add($"{claim.Key}: the plugin {claim.First().Name} claims a section of the server itself.");
            else if (claim.Count() > 1) faults.Add($"{claim.Key}: the plugins {string.Join(" and ", claim.Select(c => c.Name))} both claim this section.");
        }

        var sections = StartSettings.Sections.Concat(claims.Select(c => c.Section)).ToList();
        foreach (var section in configuration.GetChildren().Where(s => !sections.Contains(s.Key, StringComparer.OrdinalIgnoreCase))) faults.Unknown(section, sections);
        // A plugin that cannot be loaded has a fault of its own; its section needs no second one.
        var names = plugins.Select(p => p.Name).Concat(unusable).ToList();
        foreach (var section in configuration.GetSection("Plugins").GetChildren().Where(s => !names.Contains(s.Key, StringComparer.OrdinalIgnoreCase))) faults.Unknown(section, names);
        foreach (var plugin in plugins) CheckOne(configuration, plugin, faults);
    }

    /// <summary>Checks the sections of one plugin.</summary>
    public static void CheckOne(IConfiguration configuration, PluginDeclaration plugin, Faults faults)
    {
        var section = configuration.GetSection(plugin.Section);
        if (plugin.Options.All(o => o.TopLevelSection is not null))
        {
            foreach (var key in section.GetChildren().Where(k => !plugin.HostKeys.Contains(k.Key))) faults.Unknown(key, plugin.HostKeys);
        }

        foreach (var options in plugin.Options)
        {
            var value = Activator.CreateInstance(options.Type)!;
            var path = options.TopLevelSection ?? plugin.Section;
            OptionsBinder.Bind(configuration.GetSection(path), value, faults, KnownElsewhere(plugin, options));
            // Values that could not be read were left at their defaults, which are right: what is judged wrong now is another fault, and the operator wants them all.
            faults.AddRange(options.Validate(value).Select(f => $"{path}:{f.TrimEnd('.')}."));
        }
    }

    /// <summary>What else may stand in the section that these options are bound to: the host's keys, and what the plugin's other options read.</summary>
    public static IReadOnlySet<string> KnownElsewhere(PluginDeclaration plugin, OptionsDeclaration options)
    {
        var known = plugin.Options.Where(o => o != options && o.TopLevelSection == options.TopLevelSection).SelectMany(o => OptionsBinder.NamesOf(o.Type));
        return (options.TopLevelSection is null ? known.Concat(plugin.HostKeys) : known).ToHashSet(StringComparer.OrdinalIgnoreCase);
    }
}
