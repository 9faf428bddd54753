using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// A message that clients were given and have not acknowledged, as the queue on the disk has it (<see cref="KeptMessages"/>). Whoever is still to see it to an end holds it; when nobody
/// does it is done with, as it is when a client has it. What changes it, changes it within its queue's lock.
/// </summary>
internal sealed class KeptMessage(KeptMessages queue, Jid account, Message message, DateTimeOffset received)
{
    private Handling? _sender;

    /// <summary>Whose clients.</summary>
    public Jid Account => account;

    /// <summary>When the server had it first.</summary>
    public DateTimeOffset Received => received;

    /// <summary>The message; null once nobody needs it here.</summary>
    public Message? Message { get; private set; } = message;

    /// <summary>Where it stands in the order of arrival since the start, whenever it is written.</summary>
    public long Order { get; init; }

    /// <summary>Its number on the disk; 0 before it has one.</summary>
    public long Id { get; set; }

    /// <summary>Where it is.</summary>
    public KeptState State { get; private set; }

    /// <summary>How many see to it.</summary>
    public int Holders { get; set; }

    /// <summary>One more sees to it.</summary>
    public void Hold() => queue.Hold(this);

    /// <summary>One who held it does not any more.</summary>
    public void Release() => queue.Release(this);

    /// <summary>A client has it, or it is where nothing loses it: it is needed here no more.</summary>
    public void Arrived() => queue.Arrived(this);

    /// <summary>It is another store's now, whose write removed it here if it had a number then.</summary>
    public void Stored() => queue.Stored(this);

    /// <summary>It is known by that message from here on, as long as there is that.</summary>
    public void GoesOnAs(Message message) => queue.Know(message, this);

    /// <summary>A sender's stanza counts as handled only once this is on the disk or needed no more.</summary>
    public void Before(Handling sender) => queue.Wait(this, sender);

    /// <summary>Moves on. Returns who is to be told.</summary>
    internal Handling? Become(KeptState state)
    {
        State = state;
        if (state is KeptState.Waiting or KeptState.Writing) return null;
        var told = _sender;
        (_sender, Message) = (null, null);
        return told;
    }

    /// <summary>Notes who waits. A message has one sender, and only its first way is one that it waits for.</summary>
    internal void Add(Handling sender) => _sender = sender;
}

/// <summary>Where a kept message is.</summary>
internal enum KeptState
{
    /// <summary>In memory, for a moment: the client may say that it has it.</summary>
    Waiting,
    /// <summary>On its way to the disk.</summary>
    Writing,
    /// <summary>On the disk.</summary>
    Kept,
    /// <summary>Needed no more.</summary>
    Over,
}
