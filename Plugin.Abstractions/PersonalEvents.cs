using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugin.Abstractions;

/// <summary>The nodes of accounts (XEP-0163), for plugins that read or publish in an account's name. Contributed by the plugin that keeps them.</summary>
public interface IPersonalEvents
{
    /// <summary>The items of a node, oldest first; null if there is no such node, or none that the asker may read.</summary>
    /// <param name="account">The account's bare address.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="asker">On whose behalf: the account itself reads everything.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask<IReadOnlyList<PersonalItem>?> ReadAsync(Jid account, string node, Jid asker, CancellationToken ct = default);

    /// <summary>Publishes an item in the account's name, and tells everybody concerned; durable when this returns.</summary>
    /// <param name="account">The account's bare address.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="item">The item.</param>
    /// <param name="access">What the node must be if it is there, and becomes if not; null: as it is, or the default.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>False if nothing was published: the node is open to others than <paramref name="access"/> says, or a bound is reached.</returns>
    ValueTask<bool> PublishAsync(Jid account, string node, PersonalItem item, PersonalAccess? access = null, CancellationToken ct = default);

    /// <summary>Deletes an item in the account's name, and tells everybody concerned; false if there was none.</summary>
    /// <param name="account">The account's bare address.</param>
    /// <param name="node">The node's name.</param>
    /// <param name="item">The item's name.</param>
    /// <param name="ct">Gives up waiting.</param>
    ValueTask<bool> RetractAsync(Jid account, string node, string item, CancellationToken ct = default);
}

/// <summary>An item of a node.</summary>
/// <param name="Id">Its name.</param>
/// <param name="Payload">Its payload; null for none.</param>
public sealed record PersonalItem(string Id, Element? Payload);

/// <summary>What a plugin asks of a node that it publishes to.</summary>
public enum PersonalAccess
{
    /// <summary>Everybody reads it.</summary>
    Open,
    /// <summary>The account alone reads it; one item, that it is told of when it comes online.</summary>
    Private,
    /// <summary>The account alone reads it; as many items as may be, none of them told unasked.</summary>
    PrivateList,
}

/// <summary>Hears what happens at the nodes of accounts. Contributed.</summary>
public interface IPersonalEventObserver
{
    /// <summary>Something changed, and those concerned have been told. Changes of one account come one at a time and in order; an exception is logged.</summary>
    ValueTask ChangedAsync(PersonalChange change, CancellationToken ct);
}

/// <summary>A change at a node.</summary>
/// <param name="Account">The account's bare address.</param>
/// <param name="Node">The node's name.</param>
/// <param name="Published">Items that are new or other than before.</param>
/// <param name="Retracted">The names of items that are gone.</param>
public sealed record PersonalChange(Jid Account, string Node, IReadOnlyList<PersonalItem> Published, IReadOnlyList<string> Retracted);

/// <summary>Changes available presence as it comes from a session of an account, before anybody sees it, such as by a hash that the client left to the server (XEP-0398). Contributed.</summary>
public interface IPresenceAmendment
{
    /// <summary>The presence to go on with: the same if nothing is to be changed. It waits on everything that the session sends, so it is quick; an exception is logged, and the presence goes as it came.</summary>
    ValueTask<Presence> AmendAsync(Presence presence, ISession session, CancellationToken ct);
}

/// <summary>Says presence anew where what plugins add to it has changed.</summary>
public interface IPresenceRenewal
{
    /// <summary>
    /// Has each session of an account say its presence anew, behind what its client said by now: amended as it would be now, to contacts if that differs from what they were
    /// shown, and to whom it was directed (RFC 6121 section 4.6) likewise, chat rooms among them. Returns at once.
    /// </summary>
    /// <param name="account">The account's bare address.</param>
    void Renew(Jid account);
}
