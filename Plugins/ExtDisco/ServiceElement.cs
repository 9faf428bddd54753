using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.ExtDisco;

/// <summary>Writes a service as XEP-0215 section 3 has it.</summary>
public static class ServiceElement
{
    /// <summary>The <c>service</c> element; credentials are written where the service asks for some.</summary>
    public static Element Write(ExternalService service, TurnCredentials? credentials)
    {
        var element = new Element("service", Ns.ExtDisco)
            .Attr("type", service.Type)
            .Attr("host", service.Host)
            .Attr("port", service.Port.ToString(CultureInfo.InvariantCulture))
            .Attr("transport", service.Transport)
            .Attr("name", service.Name);
        if (!service.Restricted) return element;
        return element
            .Attr("restricted", "true")
            .Attr("username", credentials?.Username)
            .Attr("password", credentials?.Password)
            .Attr("expires", credentials?.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)); // XEP-0082, UTC
    }
}
