using System.Net;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Streams.Negotiation;

namespace Parley.Xmpp.Server.Protection;

/// <summary>Puts a <see cref="ConnectionGate"/> before a listener, TLS included: a handshake that goes nowhere counts too.</summary>
internal static class GatedListener
{
    /// <summary>Gates a listener. Whoever serves the connection finds its <see cref="ConnectionPlace"/> among the features.</summary>
    public static void UseGate(this ListenOptions listener, Func<StreamGuards, ConnectionGate> which)
    {
        var services = listener.ApplicationServices;
        listener.Use(next => connection => ServeAsync(services, which, next, connection));
    }

    private static async Task ServeAsync(IServiceProvider services, Func<StreamGuards, ConnectionGate> which, ConnectionDelegate next, ConnectionContext connection)
    {
        var guards = services.GetRequiredService<StreamGuards>();
        var address = ConnectionSecurity.Plain((connection.RemoteEndPoint as IPEndPoint)?.Address);
        if (which(guards).TryEnter(address, connection.Abort) is not { } place)
        {
            connection.Abort();
            return;
        }

        try
        {
            connection.Features.Set(place);
            await next(connection);
        }
        finally
        {
            place.Leave();
            var time = services.GetRequiredService<TimeProvider>();
            var patience = services.GetRequiredService<XmppServerSettings>().Limits.HandshakeTime - TimeSpan.FromSeconds(1);
            if (place.Stage == PlaceStage.Connected && time.GetElapsedTime(place.Since) >= patience) guards.Log.Tell(MetLimit.Slow, address);
        }
    }
}
