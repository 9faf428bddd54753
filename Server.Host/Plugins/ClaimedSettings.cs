using System.Globalization;
using Microsoft.Extensions.Configuration;
using Parley.Server.Host.Configuration;

namespace Parley.Server.Host.Plugins;

/// <summary>
/// What the top-level sections that plugins claim come to, defaults included: for showing, since the host itself acts on none of it. Text only, so that it keeps no
/// plugin's types.
/// </summary>
internal sealed class ClaimedSettings
{
    private readonly Dictionary<string, string> _values = new(StringComparer.OrdinalIgnoreCase);

    /// <summary>Binds the sections of the plugins that are on.</summary>
    public ClaimedSettings(PluginPlan plan, IConfiguration configuration)
    {
        foreach (var plugin in plan.Entries.Where(e => e.Switches.Enabled).Select(e => e.Code.Declaration))
        {
            foreach (var options in plugin.Options.Where(o => o.TopLevelSection is not null)) Read(plugin, options, configuration);
        }
    }

    /// <summary>A value as text; null if no running plugin knows it.</summary>
    public string? Find(string section, string key) => _values.GetValueOrDefault($"{section}:{key}");

    /// <summary>A number; null if no running plugin knows it.</summary>
    public int? FindNumber(string section, string key) => int.TryParse(Find(section, key), NumberStyles.Integer, CultureInfo.InvariantCulture, out var number) ? number : null;

    private void Read(PluginDeclaration plugin, OptionsDeclaration options, IConfiguration configuration)
    {
        var value = Activator.CreateInstance(options.Type)!;
        OptionsBinder.Bind(configuration.GetSection(options.TopLevelSection!), value, new Faults(), PluginConfiguration.KnownElsewhere(plugin, options));
        foreach (var property in options.Type.GetProperties().Where(p => ScalarText.IsScalar(p.PropertyType)))
        {
            if (Convert.ToString(property.GetValue(value), CultureInfo.InvariantCulture) is { Length: > 0 } text) _values[$"{options.TopLevelSection}:{property.Name}"] = text;
        }
    }
}
