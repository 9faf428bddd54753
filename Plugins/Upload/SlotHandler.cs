using System.Globalization;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Upload;

/// <summary>Gives accounts of this server slots to upload into (XEP-0363 section 4).</summary>
internal sealed class SlotHandler(UploadStore store, UploadUrls urls, UploadUse use, IOptionsMonitor<UploadOptions> options, TimeProvider time) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.Sender.Kind != SenderKind.Account) return Refuse(iq, new StanzaError(StanzaCondition.Forbidden, "Only accounts of this server may upload."));
        if (iq.To.Local is not null) return Refuse(iq, new StanzaError(StanzaCondition.ItemNotFound));
        if (SlotRequest.Read(iq.Payload, out var fault) is not { } request) return Refuse(iq, new StanzaError(StanzaCondition.BadRequest, fault));
        var limits = options.CurrentValue;
        if (request.Size > limits.MaxFileBytes) return Refuse(iq, TooLarge(limits.MaxFileBytes));
        var now = time.GetUtcNow();
        if (request.Before <= now) return Refuse(iq, new StanzaError(StanzaCondition.NotAcceptable, "That time is over."));
        var (token, put) = (Token.Make(), Token.Make());
        if (urls.Of(iq.Domain, token, request.Name) is not { } get) return Refuse(iq, new StanzaError(StanzaCondition.ServiceUnavailable, "This server has no https."));
        if (use.Bytes + request.Size > limits.BytesOfAll) return Refuse(iq, new StanzaError(StanzaCondition.ResourceConstraint, "There is no room for more files."));

        var file = new StoredFile(Token.KeyOf(token)!, iq.From.Bare.ToString(), request.Name, request.Type, request.Size,
            now.ToUnixTimeMilliseconds(), (now + limits.SlotLifetime).ToUnixTimeMilliseconds(), request.Before?.ToUnixTimeMilliseconds());
        var (refusal, retry) = await store.AddSlotAsync(file, Token.KeyOf(put)!, limits, ct);
        if (refusal != SlotRefusal.None) return Refuse(iq, OverQuota(refusal, retry));
        use.Promised(request.Size);
        return iq.Result(new Element("slot", SlotRequest.Namespace)
            .Add("put", p => p.Attr("url", urls.Of(iq.Domain, put, request.Name)))
            .Add("get", g => g.Attr("url", get)));
    }

    private IqReply Refuse(IqRequest iq, StanzaError error)
    {
        use.CountRefused();
        return iq.Error(error);
    }

    // Section 6.
    private static StanzaError TooLarge(long max) => new(StanzaCondition.NotAcceptable, $"A file may have {max} bytes.",
        new Element("file-too-large", SlotRequest.Namespace).Add("max-file-size", m => m.Text(max.ToString(CultureInfo.InvariantCulture))));

    private static StanzaError OverQuota(SlotRefusal refusal, long retry)
    {
        var stamp = DateTimeOffset.FromUnixTimeMilliseconds(retry).UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture);
        return new(StanzaCondition.ResourceConstraint, refusal == SlotRefusal.Daily ? "You have uploaded as much as one may in a day." : "Your files take as much room as they may.",
            new Element("retry", SlotRequest.Namespace).Attr("stamp", stamp));
    }
}
