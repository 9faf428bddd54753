using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Http;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Server.Host.Plugins;

/// <summary>An IQ handler behind its plugin's gate.</summary>
internal sealed class GuardedIqHandler(PluginGate gate, IIqHandler handler) : IIqHandler
{
    private readonly PluginGate.Held<IIqHandler> _handler = gate.Hold(handler);

    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!gate.TryEnter()) return iq.Error(StanzaCondition.ServiceUnavailable);
        try
        {
            return await _handler.Value.HandleAsync(iq, ct);
        }
        finally
        {
            gate.Exit();
        }
    }
}

/// <summary>A message interceptor behind its plugin's gate.</summary>
internal sealed class GuardedMessageInterceptor(PluginGate gate, IMessageInterceptor interceptor) : IMessageInterceptor
{
    private readonly PluginGate.Held<IMessageInterceptor> _interceptor = gate.Hold(interceptor);

    public ValueTask<Interception> OnMessageAsync(Message message, StanzaContext context, CancellationToken ct)
    {
        if (!gate.TryEnter()) return new(Interception.Continue);
        ValueTask<Interception> running;
        try
        {
            running = _interceptor.Value.OnMessageAsync(message, context, ct);
        }
        catch
        {
            gate.Exit();
            throw;
        }

        if (!running.IsCompletedSuccessfully) return ExitAfterAsync(running);
        var result = running.Result;
        if (result.Deferred is not null) return new(Inside(result));
        gate.Exit();
        return new(result);
    }

    private async ValueTask<Interception> ExitAfterAsync(ValueTask<Interception> running)
    {
        Interception result = default;
        try
        {
            return result = Inside(await running);
        }
        finally
        {
            if (result.Deferred is null) gate.Exit();
        }
    }

    // Who decides later stays inside until then.
    private Interception Inside(Interception result) => result.Deferred is not { } deferred ? result : Interception.Later(deferred with { Decide = () => DecideAsync(deferred) });

    private async ValueTask<Interception> DecideAsync(Deferral deferred)
    {
        try
        {
            return await deferred.Decide();
        }
        finally
        {
            gate.Exit();
        }
    }
}

/// <summary>A presence interceptor behind its plugin's gate.</summary>
internal sealed class GuardedPresenceInterceptor(PluginGate gate, IPresenceInterceptor interceptor) : IPresenceInterceptor
{
    private readonly PluginGate.Held<IPresenceInterceptor> _interceptor = gate.Hold(interceptor);

    public ValueTask<Interception> OnPresenceAsync(Presence presence, StanzaContext context, CancellationToken ct)
    {
        if (!gate.TryEnter()) return new(Interception.Continue);
        ValueTask<Interception> running;
        try
        {
            running = _interceptor.Value.OnPresenceAsync(presence, context, ct);
        }
        catch
        {
            gate.Exit();
            throw;
        }

        return gate.ExitAfter(running);
    }
}

/// <summary>An IQ interceptor behind its plugin's gate.</summary>
internal sealed class GuardedIqInterceptor(PluginGate gate, IIqInterceptor interceptor) : IIqInterceptor
{
    private readonly PluginGate.Held<IIqInterceptor> _interceptor = gate.Hold(interceptor);

    public ValueTask<Interception> OnIqAsync(Iq iq, StanzaContext context, CancellationToken ct)
    {
        if (!gate.TryEnter()) return new(Interception.Continue);
        ValueTask<Interception> running;
        try
        {
            running = _interceptor.Value.OnIqAsync(iq, context, ct);
        }
        catch
        {
            gate.Exit();
            throw;
        }

        return gate.ExitAfter(running);
    }
}

/// <summary>A component behind its plugin's gate. A request that waited in line while the plugin went is answered as if it had come later.</summary>
internal sealed class GuardedComponent(PluginGate gate, IComponent component, IStanzaRouter router) : IComponent
{
    private readonly PluginGate.Held<IComponent> _component = gate.Hold(component);

    public async ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        if (!gate.TryEnter())
        {
            if (stanza is Iq { IsRequest: true }) await router.RouteAsync(stanza.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)), ct);
            return;
        }

        try
        {
            await _component.Value.OnStanzaAsync(stanza, context, ct);
        }
        finally
        {
            gate.Exit();
        }
    }

    public DiscoInfo? Describe(Jid address, string? node) => Ask(c => c.Describe(address, node), null);

    public IReadOnlyList<DiscoItem> Items(Jid address, string? node) => Ask(c => c.Items(address, node), []);

    private T Ask<T>(Func<IComponent, T> question, T otherwise)
    {
        if (!gate.TryEnter()) return otherwise;
        try
        {
            return question(_component.Value);
        }
        finally
        {
            gate.Exit();
        }
    }
}

/// <summary>An HTTP handler behind its plugin's gate.</summary>
internal sealed class GuardedHttpHandler(PluginGate gate, IHttpHandler handler) : IHttpHandler
{
    private readonly PluginGate.Held<IHttpHandler> _handler = gate.Hold(handler);

    public async Task HandleAsync(HttpContext context)
    {
        if (!gate.TryEnter())
        {
            context.Response.StatusCode = StatusCodes.Status503ServiceUnavailable;
            return;
        }

        try
        {
            await _handler.Value.HandleAsync(context);
        }
        finally
        {
            gate.Exit();
        }
    }
}

/// <summary>A connection handler behind its plugin's gate. A connection lasts, so it is cut when the gate closes.</summary>
internal sealed class GuardedConnectionHandler(PluginGate gate, IConnectionHandler handler) : ISharedConnectionHandler
{
    private readonly PluginGate.Held<IConnectionHandler> _handler = gate.Hold(handler);

    public async Task HandleAsync(ConnectionContext connection)
    {
        if (!gate.TryEnter())
        {
            connection.Abort();
            return;
        }

        try
        {
            await using var closing = gate.Closing.UnsafeRegister(static c => ((ConnectionContext)c!).Abort(), connection);
            await _handler.Value.HandleAsync(connection);
        }
        finally
        {
            gate.Exit();
        }
    }

    public bool? Recognizes(ReadOnlySpan<byte> start)
    {
        if (!gate.TryEnter()) return false;
        try
        {
            return _handler.Value is ISharedConnectionHandler shared ? shared.Recognizes(start) : false;
        }
        finally
        {
            gate.Exit();
        }
    }
}
