using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Registers sessions, routing and storage.</summary>
public static class RoutingServices
{
    /// <summary>Registers the stores and <see cref="IAccountAdministration"/> alone, for a command line without a server.
    /// The first use opens the database and throws <see cref="StartFailureException"/> where it cannot.</summary>
    public static IServiceCollection AddXmppStorage(this IServiceCollection services, XmppServerSettings settings)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.TryAddSingleton(settings);
        services.AddSingleton<Database>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<IAccountStore>(s => s.GetRequiredService<AccountStore>());
        services.AddSingleton<ICredentialStore>(s => s.GetRequiredService<AccountStore>());
        services.AddSingleton<IAccountAdministration, AccountAdministration>();
        services.AddSingleton<IRosterStore, RosterStore>();
        services.AddSingleton<IOfflineStore, OfflineStore>();
        services.AddSingleton<IPrivateStore, PrivateStore>();
        return services;
    }

    /// <summary>Registers the session directory, the binder, the router and the IQ client.</summary>
    internal static IServiceCollection AddRouting(this IServiceCollection services)
    {
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<ISessionDirectory>(s => s.GetRequiredService<SessionRegistry>());
        services.AddSingleton<ISessionControl, SessionControl>();
        services.AddSingleton(s => new SessionServices(s.GetRequiredService<SessionRegistry>(), s.GetRequiredService<ISessionFlow>(), s.GetRequiredService<XmppServerSettings>().Limits));
        services.AddSingleton<ISessionBinder, SessionBinder>();
        services.AddSingleton<SenderResolver>();
        services.AddSingleton<GuestPolicy>();
        services.AddSingleton<PluginCalls>();
        services.AddSingleton<Interceptors>();
        services.AddSingleton<SessionWriter>();
        services.AddSingleton<IqDispatcher>();
        services.AddSingleton<ServiceDiscovery>();
        services.AddSingleton<AccountIqs>();
        services.AddSingleton<AccountDelivery>();
        services.AddSingleton<ServerDelivery>();
        services.AddSingleton<ComponentDelivery>();
        services.AddSingleton<PendingIqs>();
        services.AddSingleton<Router>();
        services.AddSingleton<IStanzaRouter>(s => s.GetRequiredService<Router>());
        services.AddSingleton<IIqClient, IqClient>();
        services.AddSingleton<ISessionFlow, SessionFlow>();
        services.AddHostedService<AccountWatcher>();
        return services;
    }
}
