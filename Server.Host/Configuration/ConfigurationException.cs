namespace Parley.Server.Host.Configuration;

/// <summary>The configuration keeps the server from starting; every fault is a line.</summary>
internal sealed class ConfigurationException(IReadOnlyList<string> faults) : Exception(string.Join('\n', faults))
{
    /// <summary>The lines.</summary>
    public IReadOnlyList<string> Faults { get; } = faults;
}
