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
    /// <summary>It waits at one of them (<see cref="Halt"/>).</summary>
    Halted,
}

/// <summary>What comes of a stanza behind a point.</summary>
/// <param name="Result">What the interceptors made of it.</param>
/// <param name="Stanza">What goes on: the stanza, or what one of them put in its place.</param>
internal readonly record struct Passage(Intercepted Result, Stanza Stanza)
{
    /// <summary>Where it waits; null unless it does.</summary>
    public Halt? Halt { get; init; }
}

/// <summary>Where a message waits, at an interceptor or behind it.</summary>
/// <param name="At">The place of the interceptor among those of the point.</param>
/// <param name="Deferral">What that one waits for; null: it has let the message pass.</param>
/// <param name="Over">What cancels its call.</param>
internal sealed record Halt(int At, Deferral? Deferral, CancellationTokenSource? Over);

/// <summary>Runs the interceptors of a point, in order.</summary>
internal sealed class Interceptors(PluginCalls calls, ILogger<Interceptors> log)
{
    // One that nobody has to wait behind: what is decided later is waited for here.
    private const int Never = -1;

    /// <summary>Shows a message to the interceptors of a point until one of them decides later, or up to where another message waits that must go on first.</summary>
    /// <param name="message">The message.</param>
    /// <param name="context">Where it is.</param>
    /// <param name="table">The table in force.</param>
    /// <param name="before">Where the message before it waits, in the same table; null if it does not.</param>
    public ValueTask<Passage> BeginAsync(Message message, StanzaContext context, RoutingTable table, Halt? before) =>
        PassAsync(message, table.MessagesAt(context.Point), 0, before?.At ?? int.MaxValue, context, static (i, m, x, c) => i.OnMessageAsync(m, x, c), CancellationToken.None);

    /// <summary>Goes on with a message that waits, to the end.</summary>
    public ValueTask<Passage> ResumeAsync(Passage halted, StanzaContext context, RoutingTable table)
    {
        var (message, halt, all) = ((Message)halted.Stanza, halted.Halt!, table.MessagesAt(context.Point));
        return halt.Deferral is { } deferral
            ? PassOnAsync(message, all, halt.At, Never, context, static (i, m, x, c) => i.OnMessageAsync(m, x, c), halt.Over!, DecideAsync(deferral), CancellationToken.None)
            : PassAsync(message, all, halt.At + 1, Never, context, static (i, m, x, c) => i.OnMessageAsync(m, x, c), CancellationToken.None);
    }

    /// <summary>Shows a stanza to the interceptors of <see cref="StanzaContext.Point"/>.</summary>
    public ValueTask<Passage> PassAsync(Stanza stanza, StanzaContext context, RoutingTable table, CancellationToken ct) => stanza switch
    {
        Message message => PassAsync(message, table.MessagesAt(context.Point), 0, Never, context, static (i, m, x, c) => i.OnMessageAsync(m, x, c), ct),
        Presence presence => PassAsync(presence, table.PresencesAt(context.Point), 0, Never, context, static (i, p, x, c) => i.OnPresenceAsync(p, x, c), ct),
        Iq iq => PassAsync(iq, table.IqsAt(context.Point), 0, Never, context, static (i, q, x, c) => i.OnIqAsync(q, x, c), ct),
        _ => new(new Passage(Intercepted.Continue, stanza)),
    };

    /// <summary>The same for what nothing is put in the place of: presences and IQs.</summary>
    public async ValueTask<Intercepted> RunAsync(Stanza stanza, StanzaContext context, RoutingTable table, CancellationToken ct) => (await PassAsync(stanza, context, table, ct)).Result;

    // Nearly every interceptor answers at once, so that nothing is made for those that do not until one of them is met. May halt at those up to the last.
    private ValueTask<Passage> PassAsync<TStanza, T>(
        TStanza stanza, InterceptorRegistration<T>[] all, int first, int last, StanzaContext context, Func<T, TStanza, StanzaContext, CancellationToken, ValueTask<Interception>> call, CancellationToken ct) where TStanza : Stanza
    {
        CancellationTokenSource? over = null;
        for (var i = first; i < all.Length; i++)
        {
            if (last != Never && i > last) return new(HaltedBehind(stanza, last));
            var registration = all[i];
            if (!registration.Owner.Serves(context.Domain)) continue;
            try
            {
                over ??= PluginCalls.Begin(ct);
                var running = call(registration.Interceptor, stanza, context, over.Token);
                if (!running.IsCompleted) return PassOnAsync(stanza, all, i, last, context, call, over, running, ct);
                var result = running.GetAwaiter().GetResult();
                if (result.Deferred is { } deferral)
                {
                    if (last != Never) return new(HaltedAt(stanza, i, deferral, over));
                    return PassOnAsync(stanza, all, i, last, context, call, over, DecideAsync(deferral), ct);
                }

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
        TStanza stanza, InterceptorRegistration<T>[] all, int at, int last, StanzaContext context, Func<T, TStanza, StanzaContext, CancellationToken, ValueTask<Interception>> call,
        CancellationTokenSource over, ValueTask<Interception> running, CancellationToken ct) where TStanza : Stanza
    {
        while (true)
        {
            try
            {
                var result = await calls.EndAsync(running, over, ct);
                if (result.Deferred is { } deferral)
                {
                    if (last != Never) return HaltedAt(stanza, at, deferral, over);
                    result = await calls.EndAsync(DecideAsync(deferral), over, ct);
                }

                if (result.IsHandled) return new Passage(Intercepted.Handled, stanza);
                if (result.Replacement is not null) stanza = Replaced(stanza, result.Replacement);
                do at++;
                while (at < all.Length && (last == Never || at <= last) && !all[at].Owner.Serves(context.Domain));
                if (at == all.Length) return new Passage(Intercepted.Continue, stanza);
                if (last != Never && at > last) return HaltedBehind(stanza, last);
                over = PluginCalls.Begin(ct);
                running = call(all[at].Interceptor, stanza, context, over.Token);
            }
            catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
            {
                return Failed(e, all[at].Owner, stanza, context);
            }
        }
    }

    private static Passage HaltedAt(Stanza stanza, int at, Deferral deferral, CancellationTokenSource over) => new(Intercepted.Halted, stanza) { Halt = new Halt(at, deferral, over) };

    private static Passage HaltedBehind(Stanza stanza, int at) => new(Intercepted.Halted, stanza) { Halt = new Halt(at, null, null) };

    private static ValueTask<Interception> DecideAsync(Deferral deferral) => deferral.Until.IsCompleted ? deferral.Decide() : WaitAndDecideAsync(deferral);

    private static async ValueTask<Interception> WaitAndDecideAsync(Deferral deferral)
    {
        await deferral.Until.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return await deferral.Decide();
    }

    private static TStanza Replaced<TStanza>(TStanza stanza, Message by) where TStanza : Stanza =>
        by is TStanza replacement && by.From == stanza.From && by.To == stanza.To ? replacement : throw new InvalidOperationException("Only a message with the same addresses takes a message's place.");

    private Passage Failed(Exception e, RegistrationOwner owner, Stanza stanza, StanzaContext context)
    {
        log.LogError(e, "An interceptor of plugin {Plugin} failed at {Point}", owner.Plugin, context.Point);
        return new Passage(Intercepted.Failed, stanza);
    }
}
