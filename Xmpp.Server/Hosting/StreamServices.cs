using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Sessions;
using Parley.Xmpp.Server.Streams;

namespace Parley.Xmpp.Server.Hosting;

/// <summary>Registers what client streams need beside a credential store and a session binder.</summary>
internal static class StreamServices
{
    public static IServiceCollection AddXmppStreams(this IServiceCollection services)
    {
        services.AddSingleton<StreamRegistry>();
        services.AddSingleton<IOpenStreams>(s => s.GetRequiredService<StreamRegistry>());
        services.AddSingleton<StreamContext>();
        services.AddSingleton(s => new ClientConnectionHandler(s.GetRequiredService<StreamContext>()));
        services.AddSingleton(s => new WebSocketEndpoint(s.GetRequiredService<StreamContext>()));
        return services;
    }
}
