using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Archive;

/// <summary>XEP-0313 sections 4.2, 4.3 and 5: what an archive answers.</summary>
public sealed class ArchiveResultsTests
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 2, 12, 0, 0, TimeSpan.Zero);

    private static ArchiveEntry Entry(string id) => new(id, Noon, "ann@one.test",
        new Message(new Element("message", Ns.Client).Attr("from", "ann@one.test/a").Attr("to", "ben@one.test").Add("body", b => b.Text(id))));

    [Fact]
    public void A_message_is_forwarded_with_its_id_and_when_it_came()
    {
        var query = new ArchiveQuery { QueryId = "q" };
        var message = Assert.Single(ArchiveResults.Messages("ben@one.test", "ben@one.test/b", query, new ArchivePage([Entry("1")], true)));

        Assert.Equal(
            "<message from='ben@one.test' to='ben@one.test/b'><result xmlns='urn:xmpp:mam:2' queryid='q' id='1'><forwarded xmlns='urn:xmpp:forward:0'>"
            + "<delay xmlns='urn:xmpp:delay' stamp='2026-01-02T12:00:00.000Z'/><message xmlns='jabber:client' from='ann@one.test/a' to='ben@one.test'><body>1</body></message>"
            + "</forwarded></result></message>", message.Element.ToString());
    }

    [Fact]
    public void A_flipped_page_is_sent_newest_first_and_told_as_it_is()
    {
        var page = new ArchivePage([Entry("1"), Entry("2"), Entry("3")], false);
        var sent = ArchiveResults.Messages("ben@one.test", "ben@one.test/b", new ArchiveQuery { IsFlipped = true }, page);

        Assert.Equal(["3", "2", "1"], sent.Select(m => m.Element.Child("result", Ns.Archive)!["id"]!));
        Assert.Equal("<fin xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><first>1</first><last>3</last></set></fin>", ArchiveResults.Fin(page).ToString());
    }

    [Fact]
    public void The_end_is_told_and_the_number_where_it_was_counted()
    {
        Assert.Equal("<fin xmlns='urn:xmpp:mam:2' complete='true'><set xmlns='http://jabber.org/protocol/rsm'/></fin>", ArchiveResults.Fin(new ArchivePage([], true)).ToString());
        Assert.Equal("7", ArchiveResults.Fin(new ArchivePage([], false, 7)).Child("set", ResultSetRequest.Namespace)!.Child("count")!.Value);
    }

    [Fact]
    public void Metadata_name_the_first_and_the_last()
    {
        Assert.Equal("<metadata xmlns='urn:xmpp:mam:2'/>", ArchiveResults.Metadata(null).ToString());
        Assert.Equal(
            "<metadata xmlns='urn:xmpp:mam:2'><start id='1' timestamp='2026-01-02T12:00:00.000Z'/><end id='9' timestamp='2026-01-02T13:00:00.000Z'/></metadata>",
            ArchiveResults.Metadata(new ArchiveBounds("1", Noon, "9", Noon.AddHours(1))).ToString());
    }
}
