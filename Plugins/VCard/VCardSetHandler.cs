using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.VCard;

/// <summary>Replaces an account's vCard, which only its owner may (XEP-0054 section 3.2). A photo in it becomes the account's avatar, and one that is gone from it is none any more.</summary>
internal sealed class VCardSetHandler(CardStore cards, Avatars avatars, AvatarHashes hashes, IOptionsMonitor<VCardOptions> options) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account || iq.From.Bare != iq.To.Bare) return iq.Error(StanzaCondition.Forbidden);
        var max = options.CurrentValue.MaxBytes;
        if (iq.Payload.ToUtf8().Length > max) return iq.Error(StanzaCondition.PolicyViolation, $"A vCard may have {max} bytes.");
        var account = iq.To.Bare;
        await cards.WriteAsync(account, iq.Payload, ct);
        await avatars.PublishAsync(account, Avatar.ReadPhoto(iq.Payload), ct);
        hashes.Change(account);
        return iq.Result();
    }
}
