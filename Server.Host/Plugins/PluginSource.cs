using System.Reflection;
using Parley.Plugin.Abstractions;

namespace Parley.Server.Host.Plugins;

/// <summary>Where a plugin comes from.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Path">The assembly of a drop-in; null for a built-in one.</param>
internal sealed record PluginSource(string Name, string? Path)
{
    /// <summary>Loads it and lets it declare itself.</summary>
    /// <exception cref="PluginFaultException">It cannot be used.</exception>
    public LoadedCode Open()
    {
        if (Path is null) return new LoadedCode(Declare(Assembly.Load(BuiltInPlugins.AssemblyOf(Name))), null);
        var context = new PluginLoadContext(Path);
        try
        {
            return new LoadedCode(Declare(context.LoadMain()), context);
        }
        catch (PluginFaultException)
        {
            context.Unload();
            throw;
        }
        catch (Exception e) when (e is IOException or BadImageFormatException or UnauthorizedAccessException)
        {
            context.Unload();
            throw new PluginFaultException(Name, $"{Path} cannot be loaded: {e.Message}", e);
        }
    }

    private PluginDeclaration Declare(Assembly assembly)
    {
        if (assembly.GetCustomAttribute<XmppPluginAttribute>() is not { } marked) throw new PluginFaultException(Name, $"{assembly.GetName().Name} has no [assembly: XmppPlugin(…)].");
        if (marked.Api != PluginApi.Major) throw new PluginFaultException(Name, $"was made for version {marked.Api} of the plugin contract, this server has version {PluginApi.Major}.");
        var named = marked.Name ?? NameOf(marked.Plugin);
        if (named != Name) throw new PluginFaultException(Name, $"calls itself {named}; directory, file and plugin must bear one name.");
        if (!typeof(IXmppPlugin).IsAssignableFrom(marked.Plugin)) throw new PluginFaultException(Name, $"{marked.Plugin} is no IXmppPlugin.");
        var declaration = new PluginDeclaration(Name);
        try
        {
            ((IXmppPlugin)Activator.CreateInstance(marked.Plugin)!).Configure(new PluginBuilder(declaration));
        }
        catch (Exception e) when (e is not OutOfMemoryException)
        {
            // Whatever a plugin throws while it declares itself is its fault, and no reason to show a stack.
            throw new PluginFaultException(Name, $"cannot declare itself: {(e as TargetInvocationException)?.InnerException?.Message ?? e.Message}", e);
        }

        return declaration;
    }

    private static string NameOf(Type plugin) => plugin.Name.EndsWith("Plugin", StringComparison.Ordinal) ? plugin.Name[..^"Plugin".Length] : plugin.Name;
}

/// <summary>A plugin's declaration, and the context to unload (null for a built-in one).</summary>
internal sealed record LoadedCode(PluginDeclaration Declaration, PluginLoadContext? Context);
