using System.Globalization;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Archive;

/// <summary>Writes what an archive answers (XEP-0313 sections 4.2, 4.3 and 5).</summary>
public static class ArchiveResults
{
    /// <summary>The messages of a page, in the order in which they are sent: before the request's own answer, <see cref="Fin"/>.</summary>
    /// <param name="owner">Whose archive it is.</param>
    /// <param name="asker">Who asked: a full address.</param>
    /// <param name="query">What was asked.</param>
    /// <param name="page">The page.</param>
    public static IEnumerable<Message> Messages(Jid owner, Jid asker, ArchiveQuery query, ArchivePage page) =>
        (query.IsFlipped ? page.Entries.Reverse() : page.Entries).Select(e => Message(owner, asker, query.QueryId, e));

    /// <summary>One message of a page.</summary>
    public static Message Message(Jid owner, Jid asker, string? queryId, ArchiveEntry entry) => new(
        new Element("message", Ns.Client).Attr("from", owner.ToString()).Attr("to", asker.ToString())
            .Add(new Element("result", Ns.Archive).Attr("queryid", queryId).Attr("id", entry.Id)
                .Add(new Element("forwarded", Ns.Forward)
                    .Add(new Element("delay", Ns.Delay).Attr("stamp", Stamp(entry.Time)))
                    .Add(entry.Message.Element))), owner, asker);

    /// <summary>The answer to the request itself, behind the messages.</summary>
    public static Element Fin(ArchivePage page)
    {
        var set = page.Entries is [var first, ..] ? new ResultSetPage(first.Id, page.Entries[^1].Id, Count: page.Count) : new ResultSetPage(null, null, Count: page.Count);
        return new Element("fin", Ns.Archive).Attr("complete", page.IsComplete ? "true" : null).Add(set.ToElement());
    }

    /// <summary>The answer to a request for metadata (section 5): empty for an archive without entries.</summary>
    public static Element Metadata(ArchiveBounds? bounds)
    {
        var metadata = new Element("metadata", Ns.Archive);
        return bounds is null ? metadata
            : metadata.Add("start", s => s.Attr("id", bounds.FirstId).Attr("timestamp", Stamp(bounds.FirstTime))).Add("end", e => e.Attr("id", bounds.LastId).Attr("timestamp", Stamp(bounds.LastTime)));
    }

    private static string Stamp(DateTimeOffset time) => time.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'", CultureInfo.InvariantCulture);
}
