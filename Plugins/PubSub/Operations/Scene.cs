using System.Data.Common;
using Parley.Plugins.PubSub.Nodes;
using Parley.Plugins.PubSub.Storage;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.PubSub.Operations;

/// <summary>Who asks for what where, and when.</summary>
/// <param name="Service">Where.</param>
/// <param name="From">Who: a full address, or a bare one where the server acts for an account.</param>
/// <param name="Relation">What they are to the service's owner.</param>
/// <param name="MayCreate">Whether they may make nodes.</param>
/// <param name="Limits">The bounds.</param>
/// <param name="Now">The time.</param>
internal sealed record Scene(Service Service, Jid From, Relation Relation, bool MayCreate, PubSubOptions Limits, DateTimeOffset Now)
{
    /// <summary>A node and what the asker is to it; null if there is none of that name.</summary>
    public (StoredNode Node, Standing Who)? Find(DbConnection c, string name)
    {
        if (NodeTable.Find(c, Service.Address, name) is not { } node) return null;
        return (node, WhoAt(c, node));
    }

    /// <summary>What the asker is to a node.</summary>
    public Standing WhoAt(DbConnection c, StoredNode node) =>
        Relation.IsOwner ? Relation.At(Affiliation.Owner, SubscriptionState.None) : Relation.At(PeopleTable.AffiliationOf(c, node.Id, From), PeopleTable.SubscriptionOf(c, node.Id, From));

    /// <summary>What was published before this is expired; Unix milliseconds.</summary>
    public long NotBefore(NodeConfig config) => config.ItemExpire is { } seconds ? Now.ToUnixTimeMilliseconds() - (seconds * 1000L) : 0;
}

/// <summary>What comes of an operation.</summary>
/// <param name="Error">Why it is refused; null if it is done.</param>
/// <param name="Payload">What is answered; null for nothing.</param>
/// <param name="Event">What others are told.</param>
/// <param name="Notes">Messages to single addresses: each the child of an <c>event</c>, or a form.</param>
internal sealed record Outcome(PubSubError? Error = null, Parley.Xmpp.Core.Xml.Element? Payload = null, NodeEvent? Event = null, IReadOnlyList<Note>? Notes = null)
{
    public static readonly Outcome Done = new();

    public static implicit operator Outcome(PubSubError error) => new(error);
}

/// <summary>A message to one address.</summary>
/// <param name="To">The addressee.</param>
/// <param name="Content">What is in it.</param>
internal sealed record Note(Jid To, Parley.Xmpp.Core.Xml.Element Content);
