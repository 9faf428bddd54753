using Parley.Xmpp.Core.Xml;

namespace Parley.tests.Plugins.FocusAgent;

/// <summary>Spoils XML at random: drops, doubles and renames elements, changes attributes and text.</summary>
internal static class Mutation
{
    private static readonly string[] Values = ["", "0", "1", "-1", "255", "4294967295", "99999999999", "initiator", "responder", "both", "none", "passive", "active", "a0", "v0", "sha-512", "session-accept",
        "session-initiate", "content-accept", "transport-replace", "::", "..:", "\u0000", new('x', 600), "m", "a=b\r\nc"];

    public static Element Of(Element model, Random random)
    {
        var count = Count(model);
        var hits = Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(count)).ToHashSet();
        var at = 0;
        return Copy(model, hits, ref at, random, isRoot: true)[0];
    }

    private static int Count(Element e) => 1 + e.Children.Sum(Count);

    private static List<Element> Copy(Element e, HashSet<int> hits, ref int at, Random random, bool isRoot)
    {
        var isHit = hits.Contains(at++);
        var how = isHit ? random.Next(isRoot ? 1 : 5) : -1;
        var copy = new Element(how == 1 ? Values[8] : e.Name, e.Namespace);
        foreach (var a in e.Attributes) copy.Attr(a.Name, a.Value, a.Namespace);
        if (how == 0 && e.Attributes.Count > 0)
        {
            var attribute = e.Attributes[random.Next(e.Attributes.Count)];
            copy.Attr(attribute.Name, random.Next(6) == 0 ? null : Values[random.Next(Values.Length)], attribute.Namespace);
        }

        foreach (var content in e.Content)
        {
            if (content is Element child) copy.Add(Copy(child, hits, ref at, random, false));
            else copy.Text(how == 4 ? Values[random.Next(Values.Length)] : (string)content);
        }

        return how switch { 2 => [], 3 => [.. Enumerable.Repeat(copy, random.Next(2, 70))], _ => [copy] };
    }
}
