using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Security;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Registers the XMPP server.</summary>
public static class XmppServices
{
    /// <summary>
    /// Registers the server's parts: <see cref="RoutingTableHolder"/>, <see cref="IServerInfo"/>, <see cref="CertificateStore"/>, the router, the session
    /// directory, the IQ client and the stores. Needs logging; takes a <see cref="TimeProvider"/> and an <see cref="AskStun"/> if they are registered.
    /// </summary>
    public static IServiceCollection AddXmppServer(this IServiceCollection services, XmppServerSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddSingleton(settings);
        services.AddSingleton<RoutingTableHolder>();
        services.AddSingleton<ServerInfo>();
        services.AddHostedService<AddressWatch>();
        services.AddSingleton<IServerInfo>(s => s.GetRequiredService<ServerInfo>());
        services.AddSingleton<CertificateStore>();
        services.AddSingleton<IStatusSource>(s => s.GetRequiredService<CertificateStore>());
        services.AddXmppStorage(settings);
        services.AddRouting();
        services.AddXmppStreams();
        services.AddXmppPeers();
        return services;
    }

    /// <summary>Registers what is to be done once the plugins have started and before the listeners do.</summary>
    public static IServiceCollection AddXmppRecovery(this IServiceCollection services) => services.AddHostedService<UnacknowledgedRecovery>();
}
