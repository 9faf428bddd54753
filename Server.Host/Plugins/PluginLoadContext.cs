using System.Collections.Frozen;
using System.Reflection;
using System.Runtime.Loader;

namespace Parley.Server.Host.Plugins;

/// <summary>
/// Loads a drop-in plugin so that it can be unloaded. What host and plugin talk in (the contract, the Cores, Media.Control, the framework) comes from the host, everything
/// else from the plugin's own directory, and anything else is refused: a plugin that reached into the server's insides would break with its next version.
/// </summary>
internal sealed class PluginLoadContext : AssemblyLoadContext
{
    private static readonly FrozenSet<string> Contract = new[] { "Parley.Plugin.Abstractions", "Parley.Xmpp.Core", "Parley.Media.Core", "Parley.Media.Control" }.ToFrozenSet(StringComparer.Ordinal);
    private static readonly FrozenSet<string> Framework = FindFramework();

    private readonly string _directory;
    private readonly AssemblyDependencyResolver _resolver;

    /// <summary>Makes a context for the plugin at that path.</summary>
    public PluginLoadContext(string path) : base(Path.GetFileNameWithoutExtension(path), isCollectible: true)
    {
        Main = path;
        _directory = Path.GetDirectoryName(path)!;
        _resolver = new AssemblyDependencyResolver(path);
    }

    /// <summary>The plugin's assembly file.</summary>
    public string Main { get; }

    /// <summary>Loads the plugin's assembly.</summary>
    public Assembly LoadMain() => LoadFile(Main);

    /// <inheritdoc/>
    protected override Assembly? Load(AssemblyName assemblyName)
    {
        var name = assemblyName.Name!;
        if (Contract.Contains(name) || Framework.Contains(name)) return Default.LoadFromAssemblyName(new AssemblyName(name));
        var own = _resolver.ResolveAssemblyToPath(assemblyName) ?? Path.Combine(_directory, name + ".dll");
        if (File.Exists(own)) return LoadFile(own);
        throw new FileNotFoundException($"{name} is neither shared with plugins nor in {_directory}.");
    }

    /// <inheritdoc/>
    protected override nint LoadUnmanagedDll(string unmanagedDllName) =>
        _resolver.ResolveUnmanagedDllToPath(unmanagedDllName) is { } path ? LoadUnmanagedDllFromPath(path) : 0;

    // Read whole rather than mapped: the operator may copy a new version over the file while this one runs.
    private Assembly LoadFile(string path)
    {
        using var assembly = new MemoryStream(File.ReadAllBytes(path));
        var symbols = Path.ChangeExtension(path, ".pdb");
        if (!File.Exists(symbols)) return LoadFromStream(assembly);
        using var pdb = new MemoryStream(File.ReadAllBytes(symbols));
        return LoadFromStream(assembly, pdb);
    }

    private static FrozenSet<string> FindFramework()
    {
        var trusted = ((string?)AppContext.GetData("TRUSTED_PLATFORM_ASSEMBLIES") ?? "").Split(Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        var own = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);
        return trusted.Where(p => Path.GetDirectoryName(p) != own).Select(p => Path.GetFileNameWithoutExtension(p)!).ToFrozenSet(StringComparer.Ordinal);
    }
}
