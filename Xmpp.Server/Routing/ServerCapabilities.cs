using System.Runtime.CompilerServices;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Caps;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Routing;

/// <summary>What a served domain answers to disco#info, hashed (XEP-0115, XEP-0390), so that a client which has seen it before need not ask. Made anew with every routing table.</summary>
internal sealed class ServerCapabilities
{
    /// <summary>The URI of this software in XEP-0115.</summary>
    public const string Node = "urn:parley";

    private static readonly ConditionalWeakTable<RoutingTable, Dictionary<string, ServerCapabilities>> Known = [];

    private ServerCapabilities(Element query)
    {
        Names = query.ChildrenNamed("feature", Ns.DiscoInfo).Select(f => f["var"]!).ToHashSet(StringComparer.Ordinal);
        (Version, Sha256) = (EntityCapabilities.Version(query), EntityCapabilities.Sha256(query));
        Features = [EntityCapabilities.ToElement(Node, Version).Freeze(), EntityCapabilities.ToHashes(Sha256).Freeze()];
    }

    /// <summary>The verification string of XEP-0115.</summary>
    public string Version { get; }

    /// <summary>The hash of XEP-0390.</summary>
    public string Sha256 { get; }

    /// <summary>The features themselves.</summary>
    public IReadOnlySet<string> Names { get; }

    /// <summary>What stream features say of it.</summary>
    public IReadOnlyList<Element> Features { get; }

    /// <summary>Those of a served domain.</summary>
    public static ServerCapabilities Of(string domain, RoutingTable table)
    {
        var domains = Known.GetValue(table, static _ => []);
        lock (domains)
        {
            if (domains.TryGetValue(domain, out var known)) return known;
            return domains[domain] = new ServerCapabilities(ServiceDiscovery.DescribeServer(domain, table));
        }
    }

    /// <summary>Whether a node of disco#info asks for just this.</summary>
    public bool IsNode(string node) => node == $"{Node}#{Version}" || node == EntityCapabilities.NodeOfHash(Sha256);
}
