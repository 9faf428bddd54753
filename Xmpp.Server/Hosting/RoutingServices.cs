using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Routing;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Storage;
using Parley.Xmpp.Server.Storage.Portable;

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
        services.AddSingleton<IPluginDatabases, PluginDatabases>();
        services.AddSingleton<AccountStore>();
        services.AddSingleton<IAccountStore>(s => s.GetRequiredService<AccountStore>());
        services.AddSingleton<ICredentialStore>(s => s.GetRequiredService<AccountStore>());
        services.AddSingleton<ITokenStore, TokenStore>();
        services.AddSingleton<IAccountAdministration, AccountAdministration>();
        services.AddSingleton<IRosterStore, RosterStore>();
        services.AddSingleton<IUnacknowledgedStore, UnacknowledgedStore>();
        services.AddSingleton<KeptMessages>();
        services.AddSingleton<IOfflineStore, OfflineStore>();
        services.AddSingleton<IPrivateStore, PrivateStore>();
        services.AddSingleton<IPortableData, RosterPortableData>();
        services.AddSingleton<IPortableData, OfflinePortableData>();
        services.AddSingleton<PortableExporter>();
        services.AddSingleton<PortableImporter>();
        return services;
    }

    /// <summary>Registers the session directory, the binder, the router and the IQ client.</summary>
    internal static IServiceCollection AddRouting(this IServiceCollection services)
    {
        services.AddSingleton<SessionRegistry>();
        services.AddSingleton<ISessionDirectory>(s => s.GetRequiredService<SessionRegistry>());
        services.AddSingleton<IPresenceRenewal>(s => s.GetRequiredService<SessionRegistry>());
        services.AddSingleton<ISessionControl, SessionControl>();
        services.TryAddSingleton<LimitLog>();
        services.AddSingleton(s => new SessionServices(s.GetRequiredService<SessionRegistry>(), s.GetRequiredService<ISessionFlow>(), s.GetRequiredService<XmppServerSettings>().Limits, s.GetRequiredService<LimitLog>()));
        services.AddSingleton<ISessionBinder, SessionBinder>();
        services.AddSingleton<SenderResolver>();
        services.AddSingleton<GuestPolicy>();
        services.AddSingleton<PluginCalls>();
        services.AddSingleton<Interceptors>();
        services.AddSingleton<SessionWriter>();
        services.AddSingleton<KeptDeliveries>();
        services.AddSingleton<LostStanzas>();
        services.AddSingleton<IqDispatcher>();
        services.AddSingleton<ServiceDiscovery>();
        services.AddSingleton<AccountIqs>();
        services.AddSingleton<AccountDelivery>();
        services.AddSingleton<ServerCommands>();
        services.AddSingleton<ServerDelivery>();
        services.AddSingleton<ComponentDelivery>();
        services.AddSingleton<PendingIqs>();
        services.AddSingleton<Router>();
        services.AddSingleton<IStanzaRouter>(s => s.GetRequiredService<Router>());
        services.AddSingleton<IIqClient, IqClient>();
        services.AddSingleton<PresenceAmendments>();
        services.AddSingleton<IAccountManager, AccountManager>();
        services.AddSingleton<SessionMessages>();
        services.AddSingleton<ISessionFlow, SessionFlow>();
        services.AddHostedService<AccountWatcher>();
        return services;
    }
}
