using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.About;

/// <summary>Tells for how long the server, this part of it, has been running (XEP-0012 section 5).</summary>
internal sealed class UptimeHandler(TimeProvider time) : IIqHandler
{
    private readonly long _start = time.GetTimestamp();

    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct) =>
        new(iq.Result(new Element("query", AboutPlugin.Last).Attr("seconds", ((long)time.GetElapsedTime(_start).TotalSeconds).ToString(CultureInfo.InvariantCulture))));
}
