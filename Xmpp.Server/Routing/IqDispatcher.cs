using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Finds and calls the handler of an IQ request.</summary>
internal sealed class IqDispatcher(PluginCalls calls, ILogger<IqDispatcher> log)
{
    /// <summary>Finds the handler registered for a request at a target; null if there is none.</summary>
    public static IqRegistration? Find(Iq iq, IqTarget target, string? component, string domain, RoutingTable table)
    {
        var payload = iq.Payload!;
        if (!table.Iqs.TryGetValue(new IqKey(iq.Type!, payload.Namespace, payload.Name, target, component), out var registrations)) return null;
        foreach (var registration in registrations)
        {
            if (registration.Owner.Serves(domain)) return registration;
        }

        return null;
    }

    /// <summary>Calls a handler.</summary>
    public async ValueTask<Outcome> CallAsync(IqRegistration registration, IqRequest request, CancellationToken ct)
    {
        try
        {
            return Outcome.Reply((await calls.CallAsync(c => registration.Handler.HandleAsync(request, c), ct)).Iq);
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            log.LogError(e, "The handler of {Type} {Namespace} {Element} in plugin {Plugin} failed", registration.Key.Type, registration.Key.Namespace, registration.Key.Element, registration.Owner.Plugin);
            return Outcome.Refuse(StanzaCondition.InternalServerError);
        }
    }
}
