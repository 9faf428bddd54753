using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Push;

/// <summary>Enables notifications for a client (XEP-0357 section 5).</summary>
internal sealed class EnableHandler(Registrations registrations, PushQueues queues, IOptionsMonitor<PushOptions> options, TimeProvider time) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To) return iq.Error(StanzaCondition.Forbidden);
        if (Registration.Read(iq.To, iq.Payload, out var fault) is not { } registration) return iq.Error(fault);
        await registrations.AddAsync(registration, iq.Sender.SessionId, options.CurrentValue.MaxRegistrations, time.GetUtcNow(), ct);
        queues.Renewed(registration);
        return iq.Result();
    }
}

/// <summary>Disables notifications, of one node or of all of an app server (XEP-0357 section 6). What was not enabled is disabled too.</summary>
internal sealed class DisableHandler(Registrations registrations, PushQueues queues) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To) return iq.Error(StanzaCondition.Forbidden);
        if (iq.Payload["jid"] is not { } text) return iq.Error(StanzaCondition.BadRequest);
        if (!Jid.TryParse(text, out var service)) return iq.Error(StanzaCondition.JidMalformed);
        await registrations.RemoveAsync(iq.To, service, iq.Payload["node"], ct);
        queues.Forget(iq.To, service, iq.Payload["node"]);
        return iq.Result();
    }
}
