namespace Parley.Server.Host.Plugins;

/// <summary>A plugin cannot be used: one plain sentence that begins with its section.</summary>
internal sealed class PluginFaultException(string plugin, string fault, Exception? cause = null) : Exception($"Plugins:{plugin}: {fault}", cause);
