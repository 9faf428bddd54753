using Parley.Xmpp.Core.ResultSets;
using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Xmpp.Core.ResultSets;

public sealed class ResultSetTests
{
    private static Element Query(Action<Element>? fill = null)
    {
        var set = new Element("set", ResultSetRequest.Namespace);
        fill?.Invoke(set);
        return new Element("query", "urn:x").Add(set);
    }

    [Fact]
    public void Pages_are_asked_for_by_size_place_and_direction()
    {
        Assert.True(ResultSetRequest.TryRead(new Element("query", "urn:x"), out var all));
        Assert.Equal(new ResultSetRequest(), all);
        Assert.True(ResultSetRequest.TryRead(Query(s => s.Add("max", m => m.Text("10")).Add("after", a => a.Text("x"))), out var after));
        Assert.Equal(new ResultSetRequest(10, After: "x"), after);
        Assert.True(ResultSetRequest.TryRead(Query(s => s.Add("before").Add("max", m => m.Text("0"))), out var last));
        Assert.True(last.IsBackwards);
        Assert.Equal(0, last.Max);
        Assert.True(ResultSetRequest.TryRead(Query(s => s.Add("index", i => i.Text("371"))), out var numbered));
        Assert.Equal(371, numbered.Index);
    }

    [Theory]
    [InlineData("max", "-1")]
    [InlineData("max", "ten")]
    [InlineData("index", "99999999999")]
    [InlineData("max", "")]
    public void What_is_no_number_is_refused(string name, string value) => Assert.False(ResultSetRequest.TryRead(Query(s => s.Add(name, e => e.Text(value))), out _));

    [Fact]
    public void A_page_tells_where_it_is()
    {
        Assert.Equal("<set xmlns='http://jabber.org/protocol/rsm'><first index='0'>a</first><last>b</last><count>2</count></set>", new ResultSetPage("a", "b", 0, 2).ToElement().ToString());
        Assert.Equal("<set xmlns='http://jabber.org/protocol/rsm'><count>0</count></set>", new ResultSetPage(null, null, Count: 0).ToElement().ToString());
    }
}
