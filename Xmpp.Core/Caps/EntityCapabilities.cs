using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Core.Caps;

/// <summary>What an entity can do, as short hashes of what it answers to disco#info: XEP-0115 section 5.1 and XEP-0390 section 4.1.</summary>
public static class EntityCapabilities
{
    private const string DataForms = "jabber:x:data";
    private const string Hashes = "urn:xmpp:hashes:2";

    /// <summary>The verification string of XEP-0115 by SHA-1, which is what clients look up.</summary>
    /// <param name="query">The disco#info answer's query element.</param>
    [SuppressMessage("Security", "CA5350", Justification = "The standard names it; XEP-0390 stands beside it for whoever must not trust SHA-1.")]
    public static string Version(Element query)
    {
        var text = new StringBuilder();
        foreach (var identity in Sorted(Identities(query).Select(i => $"{i.Category}/{i.Type}/{i.Language}/{i.Name}<"))) text.Append(identity);
        foreach (var feature in Sorted(Features(query).Select(f => f + "<"))) text.Append(feature);
        // Section 5.1, steps 6 and 7: by FORM_TYPE, and without the field that says it.
        foreach (var (type, fields) in Forms(query).Where(f => f.Type is not null).OrderBy(f => Encoding.UTF8.GetBytes(f.Type!), Bytes))
        {
            text.Append(type).Append('<');
            foreach (var (name, values) in fields.Where(f => f.Name != "FORM_TYPE").OrderBy(f => Encoding.UTF8.GetBytes(f.Name), Bytes))
            {
                text.Append(name).Append('<');
                foreach (var value in Sorted(values)) text.Append(value).Append('<');
            }
        }

        return Convert.ToBase64String(SHA1.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>The hash of XEP-0390 by SHA-256, in Base64.</summary>
    /// <param name="query">The disco#info answer's query element.</param>
    public static string Sha256(Element query)
    {
        var text = new StringBuilder();
        foreach (var feature in Sorted(Features(query).Select(f => f + "\x1f"))) text.Append(feature);
        text.Append('\x1c');
        foreach (var identity in Sorted(Identities(query).Select(i => $"{i.Category}\x1f{i.Type}\x1f{i.Language}\x1f{i.Name}\x1f\x1e"))) text.Append(identity);
        text.Append('\x1c');
        var forms = Forms(query).Select(form => string.Concat(Sorted(form.Fields.Select(f => $"{f.Name}\x1f{string.Concat(Sorted(f.Values.Select(v => v + "\x1f")))}\x1e"))) + "\x1d");
        foreach (var form in Sorted(forms)) text.Append(form);
        text.Append('\x1c');
        return Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>What presence and stream features say by XEP-0115.</summary>
    /// <param name="node">The URI that identifies the software.</param>
    /// <param name="version">What <see cref="Version"/> gave.</param>
    public static Element ToElement(string node, string version) => new Element("c", Ns.Caps).Attr("hash", "sha-1").Attr("node", node).Attr("ver", version);

    /// <summary>What they say by XEP-0390.</summary>
    /// <param name="sha256">What <see cref="Sha256"/> gave.</param>
    public static Element ToHashes(string sha256) => new Element("c", Ns.Caps2).Add(new Element("hash", Hashes).Attr("algo", "sha-256").Text(sha256));

    /// <summary>The node that disco#info is asked at by a hash of XEP-0390 (section 4.3).</summary>
    public static string NodeOfHash(string sha256) => $"{Ns.Caps2}#sha-256.{sha256}";

    private static Comparer<byte[]> Bytes { get; } = Comparer<byte[]>.Create((a, b) => a.AsSpan().SequenceCompareTo(b));

    // Both sort by octets, which the order of UTF-16 is not.
    private static IEnumerable<string> Sorted(IEnumerable<string> texts) => texts.OrderBy(t => Encoding.UTF8.GetBytes(t), Bytes);

    private static IEnumerable<(string? Category, string? Type, string? Language, string? Name)> Identities(Element query) =>
        query.ChildrenNamed("identity", Ns.DiscoInfo).Select(i => (i["category"], i["type"], i.Attribute("lang", XmlStreamNames.Xml), i["name"]));

    private static IEnumerable<string> Features(Element query) => query.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"] ?? "");

    private static IEnumerable<(string? Type, (string Name, string[] Values)[] Fields)> Forms(Element query) => query.ChildrenNamed("x", DataForms).Select(x =>
    {
        var fields = x.ChildrenNamed("field", DataForms).Select(f => (Name: f["var"] ?? "", Values: f.ChildrenNamed("value", DataForms).Select(v => v.Value).ToArray())).ToArray();
        return (fields.FirstOrDefault(f => f.Name == "FORM_TYPE").Values?.FirstOrDefault(), fields);
    });
}
