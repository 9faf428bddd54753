using Microsoft.Extensions.Configuration;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

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
        if (domain == server.Domains[0] && Jid.TryParse(section["Domain"], out var chosen)) return chosen.Domain;
        return server.Domains.Contains(domain) ? $"{Name}.{domain}" : null;
    }

    /// <summary>The served domain whose call rooms are at a domain; null if there is none.</summary>
    public string? ServedDomainOf(string domain) => server.Domains.FirstOrDefault(d => DomainOf(d) == domain);
}
