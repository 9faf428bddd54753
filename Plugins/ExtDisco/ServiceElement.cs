using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>Writes a service as XEP-0215 section 2 has it.</summary>
public static class ServiceElement
{
    /// <summary>The <c>service</c> element; credentials are written where the service asks for some.</summary>
    /// <param name="service">The service.</param>
    /// <param name="credentials">Its credentials; null if there are none.</param>
    /// <param name="ns">The version that the client speaks. The first knew neither <c>restricted</c> nor <c>expires</c>.</param>
    /// <param name="action">What a push says of it; null in an answer.</param>
    public static Element Write(ExternalService service, TurnCredentials? credentials, string ns = Ns.ExtDisco, string? action = null)
    {
        var element = Name(service, ns, action).Attr("name", service.Name);
        if (!service.Restricted) return element;
        if (ns == Ns.ExtDisco) element.Attr("restricted", "true");
        element.Attr("username", credentials?.Username).Attr("password", credentials?.Password);
        return ns == Ns.ExtDisco && credentials is { Expires: var expires } && expires != DateTimeOffset.MaxValue
            ? element.Attr("expires", expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)) // XEP-0082, UTC
            : element;
    }

    /// <summary>The <c>service</c> element of one that is gone.</summary>
    public static Element WriteDeleted(ExternalService service, string ns) => Name(service, ns, "delete");

    private static Element Name(ExternalService service, string ns, string? action) => new Element("service", ns)
        .Attr("action", action)
        .Attr("type", service.Type)
        .Attr("host", service.Host)
        .Attr("port", service.Port.ToString(CultureInfo.InvariantCulture))
        .Attr("transport", service.Transport);
}
