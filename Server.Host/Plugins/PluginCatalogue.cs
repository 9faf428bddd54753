namespace Parley.Server.Host.Plugins;

/// <summary>Finds plugins: the built-in ones, then whatever lies in <c>&lt;DataDirectory&gt;/plugins</c>.</summary>
internal static class PluginCatalogue
{
    /// <summary>All sources; of a name that occurs twice both are listed.</summary>
    public static IReadOnlyList<PluginSource> Find(string dataDirectory) =>
        [.. BuiltInPlugins.Names.Select(n => new PluginSource(n, null)), .. DropIns(Directory(dataDirectory))];

    /// <summary>Where drop-ins lie.</summary>
    public static string Directory(string dataDirectory) => Path.Combine(dataDirectory, "plugins");

    // A directory without its assembly is not (yet) a plugin: somebody may be copying it.
    private static IEnumerable<PluginSource> DropIns(string directory)
    {
        if (!System.IO.Directory.Exists(directory)) return [];
        return System.IO.Directory.GetDirectories(directory)
            .Select(d => (Name: Path.GetFileName(d), Directory: d))
            .Select(d => new PluginSource(d.Name, Path.Combine(d.Directory, d.Name + ".dll")))
            .Where(s => File.Exists(s.Path))
            .OrderBy(s => s.Name, StringComparer.Ordinal);
    }
}
