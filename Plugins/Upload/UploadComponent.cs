using System.Globalization;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Upload;

/// <summary>The upload service's own address: says what it is and how large a file may be (XEP-0363 section 3).</summary>
internal sealed class UploadComponent(IOptionsMonitor<UploadOptions> options, IStanzaRouter router) : IComponent
{
    private static readonly DiscoIdentity Identity = new("store", "file", "HTTP File Upload");
    private static readonly string[] Features = [SlotRequest.Purposes + "#message", SlotRequest.Purposes + "#ephemeral"];

    /// <inheritdoc/>
    public async ValueTask OnStanzaAsync(Stanza stanza, StanzaContext context, CancellationToken ct)
    {
        // Nobody lives here.
        if (stanza is Message { IsError: false } or Iq { IsRequest: true }) await router.RouteAsync(stanza.ErrorReply(new StanzaError(StanzaCondition.ServiceUnavailable)), ct);
    }

    /// <inheritdoc/>
    public DiscoInfo? Describe(Jid address, string? node)
    {
        if (address.Local is not null || address.Resource is not null || node is not null) return null;
        var form = new DataForm("result", SlotRequest.Namespace).Add("max-file-size", "text-single", options.CurrentValue.MaxFileBytes.ToString(CultureInfo.InvariantCulture));
        return new DiscoInfo([Identity], Features) { Forms = [form] };
    }
}
