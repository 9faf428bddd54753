using System.Globalization;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.About;

/// <summary>Tells those who may see an account's presence when it was last here (XEP-0012 section 4).</summary>
internal sealed class LastActivityHandler(LastSeen seen, IRosterStore rosters, ISessionDirectory sessions, TimeProvider time) : IIqHandler
{
    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var account = iq.To.Bare;
        if (iq.From.Bare != account && (await rosters.FindAsync(account, iq.From.Bare, ct))?.SubscribedFrom != true) return iq.Error(StanzaCondition.Forbidden);
        if (sessions.Of(account).Any(s => s.IsAvailable)) return Answer(iq, TimeSpan.Zero, "");
        return await seen.ReadAsync(account, ct) is var (at, status) ? Answer(iq, time.GetUtcNow() - at, status) : iq.Error(StanzaCondition.ItemNotFound);
    }

    private static IqReply Answer(IqRequest iq, TimeSpan ago, string status) =>
        iq.Result(new Element("query", AboutPlugin.Last).Attr("seconds", Math.Max(0, (long)ago.TotalSeconds).ToString(CultureInfo.InvariantCulture)).Text(status));
}
