using System.Runtime.InteropServices;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.About;

/// <summary>Tells the server's name and version (XEP-0092).</summary>
internal sealed class VersionHandler(IOptionsMonitor<AboutOptions> options) : IIqHandler
{
    private static readonly string Number = typeof(VersionHandler).Assembly.GetName().Version!.ToString(3);

    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var query = new Element("query", AboutPlugin.Version).Add("name", n => n.Text("Parley")).Add("version", v => v.Text(Number));
        if (options.CurrentValue.ShowSystem) query.Add("os", o => o.Text(RuntimeInformation.OSDescription));
        return new(iq.Result(query));
    }
}
