using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Protection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams;
using Parley.Xmpp.Server.Streams.Bosh;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Registers what client streams need beside a credential store and a session binder.</summary>
internal static class StreamServices
{
    public static IServiceCollection AddXmppStreams(this IServiceCollection services)
    {
        services.TryAddSingleton<LimitLog>();
        services.AddSingleton<StreamGuards>();
        services.AddSingleton<ResumableStreams>();
        services.AddSingleton<StreamRegistry>();
        services.AddSingleton<IOpenStreams>(s => s.GetRequiredService<StreamRegistry>());
        services.AddSingleton<BindFeatures>();
        services.AddSingleton<StreamContext>();
        services.AddSingleton(s => new ClientConnectionHandler(s.GetRequiredService<StreamContext>()));
        services.AddSingleton(s => new WebSocketEndpoint(s.GetRequiredService<StreamContext>()));
        services.AddSingleton<BoshSessions>();
        services.AddSingleton(s => new BoshEndpoint(s.GetRequiredService<StreamContext>(), s.GetRequiredService<BoshSessions>(), s.GetRequiredService<RequestRate>()));
        services.AddSingleton(s => new RequestRate(s.GetRequiredService<XmppServerSettings>(), s.GetRequiredService<LimitLog>()));
        return services;
    }
}
