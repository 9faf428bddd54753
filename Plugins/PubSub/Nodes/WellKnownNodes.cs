namespace Parley.Plugins.PubSub.Nodes;

/// <summary>What a node becomes that is made without a word on its configuration. What a standard calls private is private from the first item on, whatever the client forgot to say.</summary>
internal static class WellKnownNodes
{
    private static readonly NodeConfig Private = new() { Access = AccessModel.Whitelist };
    private static readonly NodeConfig PrivateList = Private with { MaxItems = null, SendLast = SendLast.Never };

    /// <summary>The configuration of a new personal node.</summary>
    public static NodeConfig DefaultsOf(string node) => node switch
    {
        "storage:bookmarks" => Private, // XEP-0048, XEP-0223
        "urn:xmpp:bookmarks:1" or "urn:xmpp:mds:displayed:0" => PrivateList, // XEP-0402 section 3.3, XEP-0490 section 4.1
        _ => new NodeConfig(),
    };
}
