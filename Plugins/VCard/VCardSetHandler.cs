using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.VCard;

/// <summary>Replaces an account's vCard, which only its owner may (XEP-0054 section 3.2).</summary>
public sealed class VCardSetHandler(IPrivateStore store, IOptionsMonitor<VCardOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To.Bare) return iq.Error(StanzaCondition.Forbidden);
        var max = options.CurrentValue.MaxBytes;
        if (iq.Payload.ToUtf8().Length > max) return iq.Error(StanzaCondition.PolicyViolation, $"A vCard may have {max} bytes.");
        await store.WriteAsync(iq.To.Bare, Ns.VCard, iq.Payload, ct);
        return iq.Result();
    }
}
