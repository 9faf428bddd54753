using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Adds to what the server says of accounts in service discovery (XEP-0030). Contributed. It is asked only for accounts that the asker may know of: its own, and those whose presence it sees.</summary>
public interface IAccountDiscovery
{
    /// <summary>The items listed at an account, or at a node of it; null if the node is not this plugin's.</summary>
    /// <param name="account">The account's bare address.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="node">The node; null for the account itself.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask<IReadOnlyList<DiscoItem>?> ItemsAsync(Jid account, Jid asker, string? node, CancellationToken ct);

    /// <summary>What a node of an account is; null if it is not this plugin's, or not for this asker.</summary>
    /// <param name="account">The account's bare address.</param>
    /// <param name="asker">Who asks.</param>
    /// <param name="node">The node; null for the account itself, to whose identities and features the answer's are added.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask<DiscoInfo?> DescribeAsync(Jid account, Jid asker, string? node, CancellationToken ct);
}
