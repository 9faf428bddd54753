namespace Parley.Server.Host.Plugins;

/// <summary>A plugin cannot be used: one plain sentence that begins with a section to look at.</summary>
internal sealed class PluginFaultException : Exception
{
    /// <summary>A fault that the plugin's own section is to blame for.</summary>
    public PluginFaultException(string plugin, string fault, Exception? cause = null) : base($"Plugins:{plugin}: {fault}", cause)
    {
    }

    private PluginFaultException(string message, Exception cause) : base(message, cause)
    {
    }

    /// <summary>What a plugin threw. Where it names a key of a section that it claims, that key comes first.</summary>
    public static PluginFaultException From(string plugin, IEnumerable<string> claims, Exception cause) =>
        claims.Any(c => cause.Message.StartsWith(c + ":", StringComparison.Ordinal)) ? new PluginFaultException(cause.Message, cause) : new PluginFaultException(plugin, cause.Message, cause);
}
