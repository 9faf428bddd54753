using Microsoft.Extensions.Configuration;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.FocusAgent;

/// <summary>Says where call rooms live.</summary>
public sealed class CallRooms(IConfiguration section, IServerInfo server) : ICallRooms
{
    /// <summary>The component's first label.</summary>
    public const string Name = "calls";

    /// <inheritdoc/>
    public string? DomainOf(string domain)
    {
        // A full name of the operator's choice can belong to one domain only.
        if (section["Domain"] is { Length: > 0 } chosen && domain == server.Domains[0]) return chosen;
        return server.Domains.Contains(domain) ? $"{Name}.{domain}" : null;
    }
}
