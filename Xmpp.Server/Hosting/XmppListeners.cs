using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Components;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation.Incoming;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Security;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Binds the XMPP listeners to Kestrel.</summary>
public static class XmppListeners
{
    /// <summary>Listens for clients on <c>Listeners:C2S</c> (STARTTLS) and <c>Listeners:C2STls</c> (direct TLS), each unless its port is 0.</summary>
    public static void ListenXmpp(this KestrelServerOptions kestrel)
    {
        var settings = kestrel.ApplicationServices.GetRequiredService<XmppServerSettings>();
        if (settings.Listeners.C2S.Port > 0) kestrel.ListenOnBindAddress(settings, settings.Listeners.C2S.Port, l => l.UseXmpp());
        if (settings is { FederationEnabled: true, Listeners.S2S.Port: > 0 }) kestrel.ListenOnBindAddress(settings, settings.Listeners.S2S.Port, l => l.UseXmppServers());
        if (settings is { FederationEnabled: true, Listeners.S2STls.Port: > 0 }) kestrel.ListenOnBindAddress(settings, settings.Listeners.S2STls.Port, l => l.UseXmppServers(isDirectTls: true));
        if (settings is { Components.Count: > 0, Listeners.Component.Port: > 0 and var components }) kestrel.ListenComponents(settings, components);
        if (settings.Listeners.C2STls.Port > 0) kestrel.ListenOnBindAddress(settings, settings.Listeners.C2STls.Port, l => l.UseXmppTls());
    }

    /// <summary>Listens where <c>Server:BindAddress</c> says: both loopback addresses or all addresses of both families where it is not set.</summary>
    public static void ListenOnBindAddress(this KestrelServerOptions kestrel, XmppServerSettings settings, int port, Action<ListenOptions> configure)
    {
        if (settings.Server.BindAddress is not null) kestrel.Listen(new IPEndPoint(settings.BindAddress, port), configure);
        else if (settings.IsLoopbackOnly) kestrel.ListenLocalhost(port, configure);
        else kestrel.ListenAnyIP(port, configure);
    }

    /// <summary>Serves clients on a listener, which offers STARTTLS.</summary>
    public static void UseXmpp(this ListenOptions listener)
    {
        listener.UseGate(g => g.Clients);
        listener.UseConnectionHandler<ClientConnectionHandler>();
    }

    /// <summary>Serves other servers on a listener.</summary>
    /// <param name="listener">The listener.</param>
    /// <param name="isDirectTls">Whether TLS begins with the first byte (XEP-0368); else STARTTLS is offered.</param>
    public static void UseXmppServers(this ListenOptions listener, bool isDirectTls = false)
    {
        // Made when somebody comes: the listener is set up before everything is there.
        var services = listener.ApplicationServices;
        listener.UseGate(g => g.Peers);
        listener.Run(connection => services.GetRequiredService<ServerConnectionHandler>().ServeAsync(connection, isDirectTls));
    }

    /// <summary>Serves external components on a listener (XEP-0114).</summary>
    public static void UseXmppComponents(this ListenOptions listener)
    {
        listener.UseGate(g => g.Peers);
        listener.UseConnectionHandler<ComponentConnectionHandler>();
    }

    private static void ListenComponents(this KestrelServerOptions kestrel, XmppServerSettings settings, int port)
    {
        if (settings.Listeners.Component.BindAddress is { } bind) kestrel.Listen(new IPEndPoint(IPAddress.Parse(bind), port), l => l.UseXmppComponents());
        else kestrel.ListenLocalhost(port, l => l.UseXmppComponents());
    }

    /// <summary>Serves clients on a listener with TLS from the first byte (XEP-0368).</summary>
    public static void UseXmppTls(this ListenOptions listener)
    {
        listener.UseGate(g => g.Clients);
        listener.UseXmppCertificate(new System.Net.Security.SslApplicationProtocol("xmpp-client"));
        listener.UseConnectionHandler<ClientConnectionHandler>();
    }

    /// <summary>Ends TLS on a listener with the certificate of the name that is asked for (SNI); for HTTPS, name <c>h2</c> and <c>http/1.1</c>.</summary>
    public static void UseXmppCertificate(this ListenOptions listener, params System.Net.Security.SslApplicationProtocol[] applicationProtocols)
    {
        var services = listener.ApplicationServices;
        var certificates = services.GetRequiredService<CertificateStore>();
        listener.UseHttps(new TlsHandshakeCallbackOptions
        {
            HandshakeTimeout = services.GetRequiredService<XmppServerSettings>().Limits.HandshakeTime,
            OnConnection = c => ValueTask.FromResult(certificates.HandshakeOptions(c.ClientHelloInfo.ServerName, applicationProtocols)),
        });
    }
}
