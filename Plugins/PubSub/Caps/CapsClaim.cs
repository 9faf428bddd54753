using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Caps;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.PubSub.Caps;

/// <summary>What a presence says of its sender's capabilities, by XEP-0390 or XEP-0115.</summary>
/// <param name="Node">The node to ask disco#info at.</param>
/// <param name="Algorithm">How the hash was made: <c>sha-1</c> of XEP-0115, <c>sha-256</c> of XEP-0390; null where it proves nothing here.</param>
/// <param name="Hash">The hash, or what there is instead.</param>
internal sealed record CapsClaim(string Node, string? Algorithm, string Hash)
{
    private const string Hashes = "urn:xmpp:hashes:2";
    private const int MaxText = 1024;

    /// <summary>Reads it; null if the presence says nothing.</summary>
    public static CapsClaim? Of(Presence presence)
    {
        var hash = presence.Element.Child("c", Ns.Caps2)?.ChildrenNamed("hash", Hashes).FirstOrDefault(h => h["algo"] == "sha-256")?.Value;
        if (hash is { Length: > 0 and <= MaxText }) return new CapsClaim(EntityCapabilities.NodeOfHash(hash), "sha-256", hash);
        if (presence.Element.Child("c", Ns.Caps) is not { } c || c["node"] is not { Length: <= MaxText } node || c["ver"] is not { Length: > 0 and <= MaxText } version) return null;
        // Without a hash it is the first version of XEP-0115, where "ver" is a version and proves nothing.
        return new CapsClaim($"{node}#{version}", c["hash"] == "sha-1" ? "sha-1" : null, version);
    }

    /// <summary>Whether an answer to disco#info is the one that was hashed (XEP-0115 section 5.4).</summary>
    public bool IsProvedBy(Element query) => Algorithm switch
    {
        "sha-256" => EntityCapabilities.Sha256(query) == Hash,
        "sha-1" => IsWellFormed(query) && EntityCapabilities.Version(query) == Hash,
        _ => false,
    };

    // Section 5.4 step 3: what is there twice could have been hashed as something else.
    private static bool IsWellFormed(Element query)
    {
        var features = query.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"]).ToList();
        var identities = query.ChildrenNamed("identity", Ns.DiscoInfo).Select(i => (i["category"], i["type"], i.Attribute("lang", "http://www.w3.org/XML/1998/namespace"), i["name"])).ToList();
        return features.Distinct(StringComparer.Ordinal).Count() == features.Count && identities.Distinct().Count() == identities.Count
            && !features.Any(f => f?.Contains('<', StringComparison.Ordinal) != false) && !identities.Any(i => i.Item4?.Contains('<', StringComparison.Ordinal) == true);
    }
}
