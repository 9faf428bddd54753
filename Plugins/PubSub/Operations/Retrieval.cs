using System.Data.Common;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>
/// Shows items (XEP-0060 section 6.5). Without a word on pages they come oldest first; by pages (XEP-0059) newest first, which is how a reader goes back in time.
/// What would make too long an answer is cut, and a result set says so (section 6.5.4).
/// </summary>
internal static class Retrieval
{
    /// <summary>The most bytes of payloads in an answer. One item is shown however large.</summary>
    public const int MaxBytes = 512 * 1024;

    /// <summary>Shows items.</summary>
    /// <param name="c">The connection.</param>
    /// <param name="scene">Who and where.</param>
    /// <param name="name">The node's name.</param>
    /// <param name="ids">The names of the items wanted; empty for all.</param>
    /// <param name="max">The most of them (<c>max_items</c>); null for no such bound.</param>
    /// <param name="page">Which page.</param>
    /// <param name="isPaged">Whether a page was asked for at all.</param>
    public static Outcome Run(DbConnection c, Scene scene, string name, IReadOnlyList<string> ids, int? max, ResultSetRequest page, bool isPaged)
    {
        if (scene.Find(c, name) is not var (node, who)) return PubSubError.NoNode;
        if (AccessRules.ToRead(node.Config, who) is { } refusal) return refusal;
        var notBefore = scene.NotBefore(node.Config);
        var answer = new Element("pubsub", PubSubNames.Namespace);
        if (ids.Count > 0)
        {
            // One by one: what does not fit is not even read.
            var named = ids.Distinct(StringComparer.Ordinal).Take(scene.Limits.MaxItems).Select(id => ItemTable.Find(c, node.Id, id, notBefore)).OfType<StoredItem>();
            return new Outcome(Payload: answer.Add(Items(node, Fitting(named))));
        }

        var limit = Math.Min(Math.Min(max ?? int.MaxValue, page.Max ?? int.MaxValue), scene.Limits.MaxItems);
        if (isPaged) return Paged(c, node, page, limit, notBefore, answer);
        var newest = ItemTable.Newest(c, node.Id, limit, notBefore);
        var shown = Fitting(newest);
        answer.Add(Items(node, Enumerable.Reverse(shown)));
        if (shown.Count < newest.Count) answer.Add(new ResultSetPage(shown[^1].Id, shown[0].Id, Count: ItemTable.Count(c, node.Id, notBefore)).ToElement());
        return new Outcome(Payload: answer);
    }

    private static Outcome Paged(DbConnection c, StoredNode node, ResultSetRequest page, int limit, long notBefore, Element answer)
    {
        var count = ItemTable.Count(c, node.Id, notBefore);
        IReadOnlyList<StoredItem> found;
        if (page.After is { } after)
        {
            if (ItemTable.Find(c, node.Id, after, notBefore) is not { } mark) return new PubSubError(StanzaCondition.ItemNotFound);
            found = ItemTable.Newest(c, node.Id, limit, notBefore, mark.Seq);
        }
        else if (page.Before is { } before)
        {
            // An empty one asks for the last page (XEP-0059 section 2.5): the oldest items.
            var above = 0L;
            if (before.Length > 0)
            {
                if (ItemTable.Find(c, node.Id, before, notBefore) is not { } mark) return new PubSubError(StanzaCondition.ItemNotFound);
                above = mark.Seq;
            }

            found = [.. ItemTable.Above(c, node.Id, limit, notBefore, above).Reverse()];
        }
        else
        {
            found = ItemTable.Newest(c, node.Id, limit, notBefore, skip: page.Index ?? 0);
        }

        var shown = Fitting(page.IsBackwards ? found.Reverse() : found);
        if (page.IsBackwards) shown.Reverse();
        answer.Add(Items(node, shown));
        var index = shown.Count == 0 ? (int?)null : ItemTable.Count(c, node.Id, notBefore, shown[0].Seq);
        answer.Add(new ResultSetPage(shown.Count == 0 ? null : shown[0].Id, shown.Count == 0 ? null : shown[^1].Id, index, count).ToElement());
        return new Outcome(Payload: answer);
    }

    private static List<StoredItem> Fitting(IEnumerable<StoredItem> items)
    {
        long bytes = 0;
        var fitting = new List<StoredItem>();
        foreach (var item in items)
        {
            bytes += item.Size;
            if (fitting.Count > 0 && bytes > MaxBytes) break;
            fitting.Add(item);
        }

        return fitting;
    }

    private static Element Items(StoredNode node, IEnumerable<StoredItem> items)
    {
        var element = new Element("items", PubSubNames.Namespace).Attr("node", node.Name);
        foreach (var item in items)
        {
            element.Add("item", i => i.Attr("id", item.Id).Attr("publisher", node.Config.ItemReply == ItemReply.Publisher ? item.Publisher.Bare.ToString() : null).Add(item.Payload));
        }

        return element;
    }
}
