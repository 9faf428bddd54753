namespace Parley.Plugins.PubSub.Nodes;

/// <summary>The namespaces of XEP-0060 section 16.1, and names made of them.</summary>
internal static class PubSubNames
{
    public const string Namespace = "http://jabber.org/protocol/pubsub";
    public const string Owner = Namespace + "#owner";
    public const string Event = Namespace + "#event";
    public const string Errors = Namespace + "#errors";
    public const string NodeConfig = Namespace + "#node_config";
    public const string PublishOptions = Namespace + "#publish-options";
    public const string MetaData = Namespace + "#meta-data";
    public const string SubscribeAuthorization = Namespace + "#subscribe_authorization";

    /// <summary>What a node's name carries in disco#info where its events are wanted (XEP-0060 section 9.2).</summary>
    public const string NotifySuffix = "+notify";
}
