using System.Collections.Immutable;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What interceptors made of a stanza.</summary>
internal enum Intercepted
{
    /// <summary>It goes on.</summary>
    Continue,
    /// <summary>One took it.</summary>
    Handled,
    /// <summary>One threw; it is logged.</summary>
    Failed,
}

/// <summary>Runs the interceptors of a point, in order.</summary>
internal sealed class Interceptors(PluginCalls calls, ILogger<Interceptors> log)
{
    /// <summary>Shows a stanza to the interceptors of <see cref="StanzaContext.Point"/>. An IQ passes unseen.</summary>
    public ValueTask<Intercepted> RunAsync(Stanza stanza, StanzaContext context, RoutingTable table, CancellationToken ct) => stanza switch
    {
        Message message when !table.Messages.IsEmpty => RunAsync(table.Messages, context, (i, c) => i.OnMessageAsync(message, context, c), ct),
        Presence presence when !table.Presences.IsEmpty => RunAsync(table.Presences, context, (i, c) => i.OnPresenceAsync(presence, context, c), ct),
        _ => new(Intercepted.Continue),
    };

    private async ValueTask<Intercepted> RunAsync<T>(ImmutableArray<InterceptorRegistration<T>> all, StanzaContext context, Func<T, CancellationToken, ValueTask<Interception>> call, CancellationToken ct)
    {
        foreach (var registration in all)
        {
            if (registration.Point != context.Point || !registration.Owner.Serves(context.Domain)) continue;
            try
            {
                if (await calls.CallAsync(c => call(registration.Interceptor, c), ct) == Interception.Handled) return Intercepted.Handled;
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                log.LogError(e, "An interceptor of plugin {Plugin} failed at {Point}", registration.Owner.Plugin, context.Point);
                return Intercepted.Failed;
            }
        }

        return Intercepted.Continue;
    }
}
