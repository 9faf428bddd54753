using System.Text;

namespace Parley.Xmpp.Core.Tests.XmlStreams;

/// <summary>Writes random documents within what streams may carry, in as many spellings as XML has; all from one seed.</summary>
internal sealed class XmlDocuments(Random random)
{
    private static readonly string[] Names = ["a", "message", "body", "x-y", "_z.1", "été", "naïve", "query", "Ωmega"];
    private static readonly string[] Uris = ["jabber:client", "urn:a", "urn:b", "http://example.org/?a=1&amp;b=2", "urn:ünï"];
    private static readonly string[] Pieces = ["x", " ", "\n", "\r\n", "\t", "&lt;", "&gt;", "&amp;", "&quot;", "&apos;", "&#65;", "&#x1F600;", "&#xd;", "é", "漢", "😀", ">", "]", "]]", "hello", "\u0085", "\u2028"];

    public string Document(int depth = 4) => Element(depth, []);

    private string Element(int depth, List<string> scope)
    {
        scope = [.. scope];
        var text = new StringBuilder();
        var attributes = new List<string>();
        if (random.Next(3) == 0) attributes.Add(Attribute("xmlns", random.Next(5) == 0 ? "" : Pick(Uris)));
        foreach (var prefix in new[] { "p", "q" })
        {
            if (random.Next(4) != 0) continue;
            attributes.Add(Attribute("xmlns:" + prefix, Pick(Uris)));
            scope.Add(prefix);
        }

        foreach (var name in Names.Where(_ => random.Next(6) == 0)) attributes.Add(Attribute(name, Value()));
        // One prefixed attribute at most: two prefixes may stand for the same namespace, which is another test.
        if (scope.Count > 0 && random.Next(3) == 0) attributes.Add(Attribute(Pick([.. scope]) + ":attr", Value()));
        if (random.Next(8) == 0) attributes.Add(Attribute("xml:lang", "de"));
        var tag = (scope.Count > 0 && random.Next(3) == 0 ? Pick([.. scope]) + ":" : "") + Pick(Names);
        text.Append('<').Append(tag);
        foreach (var a in attributes.OrderBy(_ => random.Next())) text.Append(Space(1)).Append(a);
        text.Append(Space(0));
        if (random.Next(4) == 0) return text.Append("/>").ToString();
        text.Append('>');
        for (var i = random.Next(4); i > 0; i--)
        {
            text.Append(random.Next(3) switch
            {
                0 when depth > 0 => Element(depth - 1, scope),
                1 => $"<![CDATA[{string.Concat(Enumerable.Range(0, random.Next(4)).Select(_ => Pick(["<", "&", "]", "x", "\r\n", "漢", ">x"]))).Replace("]]>", "]] >", StringComparison.Ordinal)}]]>",
                // Behind each, so that no two pieces, of one run of text or of two, make the forbidden ]]>.
                _ => string.Concat(Enumerable.Range(0, random.Next(6)).Select(_ => Pick(Pieces) + "|")),
            });
        }

        return text.Append("</").Append(tag).Append(Space(0)).Append('>').ToString();
    }

    private string Attribute(string name, string value)
    {
        var quote = random.Next(2) == 0 ? '\'' : '"';
        return $"{name}{Space(0)}={Space(0)}{quote}{value}{quote}";
    }

    private string Value() => string.Join("", Enumerable.Range(0, random.Next(5)).Select(_ => Pick(Pieces)));

    private string Space(int least) => string.Concat(Enumerable.Range(0, least + (random.Next(5) == 0 ? random.Next(1, 3) : 0)).Select(_ => Pick([" ", "\n", "\t", "\r\n"])));

    private string Pick(string[] from) => from[random.Next(from.Length)];
}
