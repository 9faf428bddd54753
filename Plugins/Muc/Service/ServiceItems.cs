using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Service;

/// <summary>Answers disco#items: the service's listed rooms, page by page (XEP-0045 section 6.3, XEP-0059), and each room for its own address.</summary>
internal sealed class ServiceItems(RoomsComponent component, RoomRegistry rooms) : IIqHandler
{
    /// <summary>The most rooms on a page.</summary>
    public const int MostOnPage = 500;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (iq.To.Local is not null)
        {
            await component.OnStanzaAsync(iq.Iq, new StanzaContext(StanzaPoint.FromRemote, iq.Sender, iq.Domain), ct);
            return IqReply.Later;
        }

        if (iq.Payload["node"] is not null) return iq.Error(StanzaCondition.ItemNotFound);
        if (!ResultSetRequest.TryRead(iq.Payload, out var asked)) return iq.Error(StanzaCondition.BadRequest);
        var all = rooms.List(iq.To.Domain).Where(r => r.Summary.IsListed).Select(r => (Address: r.Address.ToString(), r.Summary)).OrderBy(r => r.Address, StringComparer.Ordinal).ToList();
        var from = 0;
        var to = all.Count;
        if (asked.After is { } after) from = all.FindIndex(r => string.CompareOrdinal(r.Address, after) > 0) is var i && i < 0 ? all.Count : i;
        if (asked.Before is { Length: > 0 } before) to = all.FindIndex(r => string.CompareOrdinal(r.Address, before) >= 0) is var j && j < 0 ? all.Count : j;
        if (asked.Index is { } index) from = Math.Min(index, all.Count);
        var count = Math.Min(Math.Max(to - from, 0), Math.Min(asked.Max ?? MostOnPage, MostOnPage));
        if (asked.IsBackwards) from = to - count;

        var query = new Element("query", Ns.DiscoItems);
        for (var r = from; r < from + count; r++) query.Add("item", e => e.Attr("jid", all[r].Address).Attr("name", all[r].Summary.Name));
        if (iq.Payload.Child("set", ResultSetRequest.Namespace) is not null || count < all.Count)
        {
            query.Add((count == 0 ? new ResultSetPage(null, null, Count: all.Count) : new ResultSetPage(all[from].Address, all[from + count - 1].Address, from, all.Count)).ToElement());
        }

        return iq.Result(query);
    }
}
