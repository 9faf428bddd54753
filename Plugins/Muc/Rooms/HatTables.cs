using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Lists of hats as forms with several items (XEP-0004 section 3.4).</summary>
internal static class HatTables
{
    /// <summary>The hats that there are.</summary>
    public static Element Hats(IEnumerable<Hat> hats) =>
        Table("Hats", ["hats#title", "hats#uri", "hats#hue"], hats.Select(h => (IReadOnlyList<string?>)[h.Title, h.Uri, h.Hue]));

    /// <summary>Who wears which.</summary>
    public static Element Worn(IEnumerable<(Jid Account, Hat Hat)> worn) =>
        Table("Assigned hats", ["hats#jid", "hats#title", "hats#uri", "hats#hue"], worn.Select(w => (IReadOnlyList<string?>)[w.Account.ToString(), w.Hat.Title, w.Hat.Uri, w.Hat.Hue]));

    private static Element Table(string title, string[] columns, IEnumerable<IReadOnlyList<string?>> rows)
    {
        var x = new Element("x", DataForm.Namespace).Attr("type", "result").Add("title", t => t.Text(title));
        x.Add("reported", r =>
        {
            foreach (var column in columns) r.Add("field", f => f.Attr("var", column));
        });
        foreach (var row in rows)
        {
            x.Add("item", i =>
            {
                for (var c = 0; c < columns.Length; c++)
                {
                    if (row[c] is { } value) i.Add("field", f => f.Attr("var", columns[c]).Add("value", v => v.Text(value)));
                }
            });
        }

        return x;
    }
}
