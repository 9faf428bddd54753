using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.About;

/// <summary>Tells the server's time (XEP-0202).</summary>
internal sealed class TimeHandler(TimeProvider time) : IIqHandler
{
    /// <inheritdoc/>
    public ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var now = time.GetLocalNow();
        var offset = now.Offset < TimeSpan.Zero ? "'-'hh':'mm" : "'+'hh':'mm";
        return new(iq.Result(new Element("time", AboutPlugin.Time)
            .Add("tzo", t => t.Text(now.Offset.ToString(offset, CultureInfo.InvariantCulture)))
            .Add("utc", u => u.Text(now.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)))));
    }
}
