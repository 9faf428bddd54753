using Parley.Plugins.PubSub.Nodes;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Where nodes live: an account (XEP-0163) or a component (XEP-0060).</summary>
/// <param name="Address">The account's bare address, or the component's domain.</param>
/// <param name="IsPersonal">Whether it is an account.</param>
internal sealed record Service(Jid Address, bool IsPersonal)
{
    // A component's nodes are for whoever subscribes; nobody's presence is known there.
    private static readonly NodeConfig Shared = new() { Access = AccessModel.Open, MaxItems = null, SendLast = SendLast.OnSub, ItemReply = ItemReply.Publisher };

    /// <summary>What of a node can be configured.</summary>
    public NodeConfigForm Form => IsPersonal ? NodeConfigForm.Personal : NodeConfigForm.Shared;

    /// <summary>The configuration of a new node.</summary>
    public NodeConfig DefaultsOf(string? node) => !IsPersonal ? Shared : node is null ? new NodeConfig() : WellKnownNodes.DefaultsOf(node);
}
