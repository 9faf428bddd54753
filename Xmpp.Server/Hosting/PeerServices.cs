using Microsoft.Extensions.DependencyInjection;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Components;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Federation;
using Parley.Xmpp.Server.Federation.Incoming;
using Parley.Xmpp.Server.Federation.Outgoing;
using Parley.Xmpp.Server.Federation.Resolution;
using Parley.Xmpp.Server.Peers;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Registers what streams with components and other servers need.</summary>
internal static class PeerServices
{
    public static IServiceCollection AddXmppPeers(this IServiceCollection services)
    {
        services.AddSingleton<PeerRegistry>();
        services.AddSingleton<IPeerStreams>(s => s.GetRequiredService<PeerRegistry>());
        services.AddSingleton<PeerContext>();
        services.AddSingleton<ExternalComponents>();
        services.AddSingleton<IStatusSource>(s => s.GetRequiredService<ExternalComponents>());
        services.AddSingleton<ComponentKeys>();
        services.AddSingleton(s => new ComponentConnectionHandler(s.GetRequiredService<PeerContext>(), s.GetRequiredService<ExternalComponents>(), s.GetRequiredService<ComponentKeys>()));
        services.AddSingleton(s => new Lazy<Router>(s.GetRequiredService<Router>));
        services.AddSingleton(s => new FederationPolicy(s.GetRequiredService<XmppServerSettings>().Federation));
        services.AddSingleton(_ => new DialbackKeys());
        services.AddSingleton<IFederationRules, FederationRules>();
        services.AddSingleton<TrustedRoots>();
        services.AddSingleton<IServerResolver, ServerResolver>();
        services.AddSingleton<ServerConnector>();
        services.AddSingleton(s => new Lazy<ServerConnector>(s.GetRequiredService<ServerConnector>));
        services.AddSingleton<DialbackVerifier>();
        services.AddSingleton<FederationContext>();
        services.AddSingleton<OutgoingRoutes>();
        services.AddSingleton(s => new FederationStatus(s.GetRequiredService<XmppServerSettings>(), s.GetRequiredService<PeerRegistry>(), s.GetRequiredService<OutgoingRoutes>()));
        services.AddSingleton<IStatusSource>(s => s.GetRequiredService<FederationStatus>());
        services.AddSingleton(s => new ServerConnectionHandler(s.GetRequiredService<PeerContext>(), s.GetRequiredService<FederationContext>()));
        return services;
    }
}
