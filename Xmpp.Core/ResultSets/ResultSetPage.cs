using System.Globalization;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.ResultSets;

/// <summary>Which page of a result it is (XEP-0059).</summary>
/// <param name="First">The id of the first item; null if there are none.</param>
/// <param name="Last">The id of the last item; null if there are none.</param>
/// <param name="Index">The number of the first item, from 0; null if not told.</param>
/// <param name="Count">How many items there are on all pages; null if not told.</param>
public sealed record ResultSetPage(string? First, string? Last, int? Index = null, int? Count = null)
{
    /// <summary>The element to send.</summary>
    public Element ToElement()
    {
        var set = new Element("set", ResultSetRequest.Namespace);
        if (First is not null) set.Add("first", f => f.Attr("index", Index?.ToString(CultureInfo.InvariantCulture)).Text(First));
        if (Last is not null) set.Add("last", l => l.Text(Last));
        if (Count is { } count) set.Add("count", c => c.Text(count.ToString(CultureInfo.InvariantCulture)));
        return set;
    }
}
