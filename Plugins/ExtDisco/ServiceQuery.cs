using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>The service that a request for credentials names (XEP-0215 section 3.3): host and type, and port or transport to tell several apart.</summary>
public sealed record ServiceQuery(string Host, string Type, int? Port, string? Transport)
{
    /// <summary>Reads the request; null if it names no one service.</summary>
    public static ServiceQuery? Read(Element credentials)
    {
        var named = credentials.ChildrenNamed("service", credentials.Namespace).Take(2).ToList();
        if (named.Count != 1 || named[0]["host"] is not { Length: > 0 } host || named[0]["type"] is not { Length: > 0 } type) return null;
        int? port = null;
        if (named[0]["port"] is { } text)
        {
            if (!int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) || number is < 1 or > 65535) return null;
            port = number;
        }

        return new ServiceQuery(host, type, port, named[0]["transport"]);
    }

    /// <summary>Whether a service is the named one.</summary>
    public bool Matches(ExternalService service) =>
        service.Type == Type && string.Equals(service.Host, Host, StringComparison.OrdinalIgnoreCase)
        && (Port is null || service.Port == Port) && (Transport is null || service.Transport == Transport);
}
