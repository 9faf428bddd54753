using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Archive;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.Archive;

/// <summary>XEP-0313 section 4: what can be asked of an archive.</summary>
public sealed class ArchiveQueryTests
{
    private static Element Query(DataForm? form = null, Action<Element>? fill = null)
    {
        var query = new Element("query", Ns.Archive).Attr("queryid", "q1").Add(form?.ToElement());
        fill?.Invoke(query);
        return query;
    }

    private static DataForm Form() => new("submit", Ns.Archive);

    [Fact]
    public void Nothing_in_particular_is_everything()
    {
        Assert.True(ArchiveQuery.TryRead(new Element("query", Ns.Archive), out var query, out _));
        Assert.Equal(new ArchiveQuery(), query with { Ids = new ArchiveQuery().Ids });
    }

    [Fact]
    public void Every_field_of_the_form_is_read()
    {
        var form = Form().Add("with", "jid-single", "Ann@One.test/phone").Add("start", "text-single", "2010-06-07T00:00:00Z").Add("end", "text-single", "2010-07-07T15:23:54.500+02:00")
            .Add("before-id", "text-single", "b").Add("after-id", "text-single", "a").Add(new FormField("ids", "list-multi", ["1", "2"])).Add("include-groupchat", "boolean", "true");
        var set = new Element("set", ResultSetRequest.Namespace).Add("max", m => m.Text("10")).Add("before");

        Assert.True(ArchiveQuery.TryRead(Query(form, q => q.Add(set).Add("flip-page")), out var query, out _));

        Assert.Equal("ann@one.test/phone", query.With!.ToString());
        Assert.Equal(new DateTimeOffset(2010, 6, 7, 0, 0, 0, TimeSpan.Zero), query.Start);
        Assert.Equal(new DateTimeOffset(2010, 7, 7, 13, 23, 54, 500, TimeSpan.Zero), query.End);
        Assert.Equal(("b", "a", true, true, "q1"), (query.BeforeId, query.AfterId, query.IncludesGroupchat, query.IsFlipped, query.QueryId));
        Assert.Equal(["1", "2"], query.Ids);
        Assert.Equal(new ResultSetRequest(10, Before: ""), query.Page);
    }

    [Theory]
    [InlineData("with", "a@b@c", "bad-request")]
    [InlineData("start", "yesterday", "bad-request")]
    [InlineData("start", "2010-06-07", "bad-request")]
    [InlineData("end", "2010-06-07T00:00:00", "bad-request")]
    [InlineData("include-groupchat", "perhaps", "bad-request")]
    [InlineData("{http://example.com/}free-text-search", "x", "feature-not-implemented")]
    public void Values_that_cannot_be_meant_and_fields_that_nobody_knows_are_refused(string field, string value, string condition)
    {
        Assert.False(ArchiveQuery.TryRead(Query(Form().Add(field, "text-single", value)), out _, out var error));
        Assert.Equal(condition, error.ToElement().Children.First().Name);
    }

    [Fact]
    public void Forms_of_other_kinds_are_refused()
    {
        Assert.False(ArchiveQuery.TryRead(Query(new DataForm("submit", "urn:x")), out _, out var foreign));
        Assert.Equal(StanzaCondition.BadRequest, foreign.Condition);
        Assert.False(ArchiveQuery.TryRead(Query(new DataForm("form", Ns.Archive)), out _, out _));
        Assert.False(ArchiveQuery.TryRead(Query(new DataForm("submit")), out _, out _));
    }

    [Fact]
    public void The_number_of_ids_is_bounded()
    {
        string[] ids = [.. Enumerable.Range(0, ArchiveQuery.MostIds).Select(i => $"{i}")];
        Assert.True(ArchiveQuery.TryRead(Query(Form().Add(new FormField("ids", null, ids))), out _, out _));
        Assert.False(ArchiveQuery.TryRead(Query(Form().Add(new FormField("ids", null, [.. ids, "x"]))), out _, out _));
        Assert.False(ArchiveQuery.TryRead(Query(Form().Add(new FormField("ids", null, []))), out _, out _));
    }

    [Theory]
    [InlineData("index", "5", "feature-not-implemented")]
    [InlineData("max", "many", "bad-request")]
    public void Pages_by_number_and_pages_without_one_are_refused(string name, string value, string condition)
    {
        var set = new Element("set", ResultSetRequest.Namespace).Add(name, e => e.Text(value));
        Assert.False(ArchiveQuery.TryRead(Query(null, q => q.Add(set)), out _, out var error));
        Assert.Equal(condition, error.ToElement().Children.First().Name);
    }

    [Fact]
    public void The_form_tells_what_may_be_filled_in()
    {
        var described = ArchiveForm.Describe();
        var form = DataForm.Within(described)!;

        Assert.Equal(("form", Ns.Archive), (form.Type, form.FormType));
        Assert.Equal(["FORM_TYPE", "with", "start", "end", "before-id", "after-id", "ids", "include-groupchat"], form.Fields.Select(f => f.Name));
        Assert.Equal(["hidden", "jid-single", "text-single", "text-single", "text-single", "text-single", "list-multi", "boolean"], form.Fields.Select(f => f.Type));
        Assert.DoesNotContain(form.Fields, f => f.IsRequired);
        Assert.Contains("<validate xmlns='http://jabber.org/protocol/xdata-validate' datatype='xs:string'><open/></validate>", described.ToString(), StringComparison.Ordinal);
    }
}
