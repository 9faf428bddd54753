namespace Parley.Plugin.Abstractions;

/// <summary>
/// A capability of the server. An assembly names its plugin by <see cref="XmppPluginAttribute"/>; the host makes it by its parameterless constructor,
/// calls <see cref="Configure"/> once, builds a container for it and publishes what it declared.
/// </summary>
public interface IXmppPlugin
{
    /// <summary>Declares what the plugin offers. Only records data: nothing runs yet, and nothing must be undone by the plugin.</summary>
    void Configure(IPluginBuilder plugin);
}

/// <summary>Names the plugin of an assembly and the contract's major version that it was compiled against.</summary>
/// <param name="plugin">The plugin's type: it implements <see cref="IXmppPlugin"/> and has a parameterless constructor.</param>
[AttributeUsage(AttributeTargets.Assembly)]
public sealed class XmppPluginAttribute(Type plugin) : Attribute
{
    /// <summary>The plugin's type.</summary>
    public Type Plugin { get; } = plugin;

    /// <summary>The plugin's name, its section under <c>Plugins:</c>. Default: the type's name without the suffix "Plugin".</summary>
    public string? Name { get; init; }

    /// <summary>The contract's major version, <see cref="PluginApi.Major"/> at the plugin's compile time.</summary>
    public int Api { get; init; } = PluginApi.Major;
}

/// <summary>The version of this contract.</summary>
public static class PluginApi
{
    /// <summary>Raised when an old plugin no longer works.</summary>
    public const int Major = 1;
}
