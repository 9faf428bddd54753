using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.About;

/// <summary>Whom to write to (XEP-0157) and where outages are told (XEP-0455), in the server's answer to disco#info.</summary>
internal sealed class ContactForms(IOptionsMonitor<AboutOptions> options) : IDomainForms
{
    /// <inheritdoc/>
    public IReadOnlyList<DataForm> Of(string domain)
    {
        var o = options.CurrentValue;
        return
        [
            .. Form("http://jabber.org/network/serverinfo", ("abuse", o.Abuse), ("admin", o.Admin), ("feedback", o.Feedback), ("sales", o.Sales), ("security", o.Security), ("status", o.Status), ("support", o.Support)),
            .. Form("urn:xmpp:sos:0", ("external-status", o.OutageStatus)),
        ];
    }

    private static IEnumerable<DataForm> Form(string type, params (string Name, IList<string> Uris)[] fields)
    {
        if (fields.All(f => f.Uris.Count == 0)) yield break;
        var form = new DataForm("result", type);
        foreach (var (name, uris) in fields.Where(f => f.Uris.Count > 0)) form.Add(new FormField(name + "-addresses", "list-multi", [.. uris]));
        yield return form;
    }
}
