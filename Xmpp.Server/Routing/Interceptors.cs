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

/// <summary>What comes of a stanza behind a point.</summary>
/// <param name="Result">What the interceptors made of it.</param>
/// <param name="Stanza">What goes on: the stanza, or what one of them put in its place.</param>
internal readonly record struct Passage(Intercepted Result, Stanza Stanza);

/// <summary>Runs the interceptors of a point, in order.</summary>
internal sealed class Interceptors(PluginCalls calls, ILogger<Interceptors> log)
{
    /// <summary>Shows a stanza to the interceptors of <see cref="StanzaContext.Point"/>.</summary>
    public ValueTask<Passage> PassAsync(Stanza stanza, StanzaContext context, RoutingTable table, CancellationToken ct) => stanza switch
    {
        Message message => PassAsync(message, table.MessagesAt(context.Point), context, static (i, m, x, c) => i.OnMessageAsync(m, x, c), ct),
        Presence presence => PassAsync(presence, table.PresencesAt(context.Point), context, static (i, p, x, c) => i.OnPresenceAsync(p, x, c), ct),
        Iq iq => PassAsync(iq, table.IqsAt(context.Point), context, static (i, q, x, c) => i.OnIqAsync(q, x, c), ct),
        _ => new(new Passage(Intercepted.Continue, stanza)),
    };

    /// <summary>The same for what nothing is put in the place of: presences and IQs.</summary>
    public async ValueTask<Intercepted> RunAsync(Stanza stanza, StanzaContext context, RoutingTable table, CancellationToken ct) => (await PassAsync(stanza, context, table, ct)).Result;

    // Nearly every interceptor answers at once, so that nothing is made for those that do not until one of them is met.
    private ValueTask<Passage> PassAsync<TStanza, T>(
        TStanza stanza, InterceptorRegistration<T>[] all, StanzaContext context, Func<T, TStanza, StanzaContext, CancellationToken, ValueTask<Interception>> call, CancellationToken ct) where TStanza : Stanza
    {
        CancellationTokenSource? over = null;
        for (var i = 0; i < all.Length; i++)
        {
            var registration = all[i];
            if (!registration.Owner.Serves(context.Domain)) continue;
            try
            {
                over ??= PluginCalls.Begin(ct);
                var running = call(registration.Interceptor, stanza, context, over.Token);
                if (!running.IsCompleted) return PassOnAsync(stanza, all, i, context, call, over, running, ct);
                var result = running.GetAwaiter().GetResult();
                if (result.IsHandled) return new(new Passage(Intercepted.Handled, stanza));
                if (result.Replacement is not null) stanza = Replaced(stanza, result.Replacement);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                return new(Failed(e, registration.Owner, stanza, context));
            }
        }

        return new(new Passage(Intercepted.Continue, stanza));
    }

    private async ValueTask<Passage> PassOnAsync<TStanza, T>(
        TStanza stanza, InterceptorRegistration<T>[] all, int at, StanzaContext context, Func<T, TStanza, StanzaContext, CancellationToken, ValueTask<Interception>> call,
        CancellationTokenSource over, ValueTask<Interception> running, CancellationToken ct) where TStanza : Stanza
    {
        while (true)
        {
            try
            {
                var result = await calls.EndAsync(running, over, ct);
                if (result.IsHandled) return new Passage(Intercepted.Handled, stanza);
                if (result.Replacement is not null) stanza = Replaced(stanza, result.Replacement);
                do at++;
                while (at < all.Length && !all[at].Owner.Serves(context.Domain));
                if (at == all.Length) return new Passage(Intercepted.Continue, stanza);
                over = PluginCalls.Begin(ct);
                running = call(all[at].Interceptor, stanza, context, over.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                return Failed(e, all[at].Owner, stanza, context);
            }
        }
    }

    private static TStanza Replaced<TStanza>(TStanza stanza, Message by) where TStanza : Stanza =>
        by is TStanza replacement && by.From == stanza.From && by.To == stanza.To ? replacement : throw new InvalidOperationException("Only a message with the same addresses takes a message's place.");

    private Passage Failed(Exception e, RegistrationOwner owner, Stanza stanza, StanzaContext context)
    {
        log.LogError(e, "An interceptor of plugin {Plugin} failed at {Point}", owner.Plugin, context.Point);
        return new Passage(Intercepted.Failed, stanza);
    }
}
