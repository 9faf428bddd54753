using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What a room wants done after one event: first what is to be kept is kept, then the stanzas go out in order.</summary>
public sealed class Outbox
{
    private readonly List<Stanza> _stanzas = [];

    /// <summary>What is to be sent, in order.</summary>
    public IReadOnlyList<Stanza> Stanzas => _stanzas;

    /// <summary>What is to be kept.</summary>
    public RoomChanges Changes { get; private set; } = new();

    /// <summary>Sends a stanza that has both addresses.</summary>
    internal void Send(Stanza stanza) => _stanzas.Add(stanza);

    /// <summary>Refuses a stanza. An error is never answered, neither is an IQ's answer.</summary>
    internal void Refuse(Stanza stanza, StanzaError error)
    {
        if (stanza.IsError || stanza is Iq { IsRequest: false } || stanza is Presence { Type: "unavailable" }) return;
        Send(stanza.ErrorReply(error));
    }

    /// <summary>Refuses a stanza.</summary>
    internal void Refuse(Stanza stanza, StanzaCondition condition, string? text = null) => Refuse(stanza, new StanzaError(condition, text));

    /// <summary>Answers a request.</summary>
    internal void Answer(Iq iq, Element? payload = null) => Send(iq.Result(payload));

    /// <summary>Takes everything out.</summary>
    public (IReadOnlyList<Stanza> Stanzas, RoomChanges Changes) Take()
    {
        var taken = (_stanzas.ToArray(), Changes);
        _stanzas.Clear();
        Changes = new RoomChanges();
        return taken;
    }
}

/// <summary>What of a room changed that outlives its occupants.</summary>
public sealed class RoomChanges
{
    /// <summary>Configuration, subject, vCard or whether it is locked.</summary>
    public bool Room { get; internal set; }

    /// <summary>Accounts whose affiliation or reserved nickname changed.</summary>
    public HashSet<Jid> Affiliations { get; } = [];

    /// <summary>Accounts that are there now, or no more, or in another role; for whoever ties something to the room.</summary>
    public HashSet<Jid> Placed { get; } = [];

    /// <summary>Those of them that the room put out.</summary>
    public HashSet<Jid> PutOut { get; } = [];

    /// <summary>Hats, or who wears them.</summary>
    public bool Hats { get; internal set; }

    /// <summary>It was destroyed: everything about it goes, its archive too.</summary>
    public bool IsDestroyed { get; internal set; }

    /// <summary>Entries of the archive to put tombstones in the place of (XEP-0424 section 5).</summary>
    public List<Tombstone> Tombstones { get; } = [];

    /// <summary>What clients say for which somebody stands in, to be told before anything is sent.</summary>
    public List<Saying> Sayings { get; } = [];

    /// <summary>Whether anything did that is to be kept.</summary>
    public bool Any => Room || Hats || IsDestroyed || Affiliations.Count > 0;
}

/// <summary>What stands in the archive where a message was.</summary>
/// <param name="Id">The message's id there.</param>
/// <param name="AuthorId">The occupant id that the message must have, so that nobody retracts another's; null where a moderator does.</param>
/// <param name="Retracted">The element that stands for its content.</param>
public sealed record Tombstone(string Id, string? AuthorId, Element Retracted);
