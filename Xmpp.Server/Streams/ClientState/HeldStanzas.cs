using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams.ClientState;

/// <summary>
/// What waits for a client that is inactive (XEP-0352), in the order it is to be sent: of each sender's presence and typing only the last. Bounded. Its owner locks.
/// </summary>
internal sealed class HeldStanzas(ClientStateOptions options)
{
    private readonly LinkedList<Entry> _entries = new();
    private readonly Dictionary<string, LinkedListNode<Entry>> _byKey = new(StringComparer.Ordinal);
    private int _bytes;

    /// <summary>How many wait.</summary>
    public int Count => _entries.Count;

    /// <summary>Whether so much waits that it has to go, looked at or not.</summary>
    public bool IsFull => _entries.Count >= options.MaxHeld || _bytes >= options.MaxHeldBytes;

    /// <summary>Keeps a stanza back; false where it must not wait.</summary>
    /// <param name="stanza">The stanza.</param>
    /// <param name="delivery">Who hears what becomes of it.</param>
    /// <param name="now">The time.</param>
    /// <param name="replaced">Who is to hear, outside the owner's lock, that a stanza arrived: the one kept back now says all that it said. Null: nobody.</param>
    public bool TryHold(Stanza stanza, Delivery? delivery, DateTimeOffset now, out Delivery? replaced)
    {
        replaced = null;
        if (!Patience.MayWait(stanza, options, out var key)) return false;
        if (key is not null && _byKey.Remove(key, out var former))
        {
            _entries.Remove(former);
            _bytes -= former.Value.Bytes;
            replaced = former.Value.Held.Delivery;
        }

        var bytes = stanza.Element.ToUtf8().Length;
        var node = _entries.AddLast(new Entry(new Undelivered(stanza, now, delivery), bytes));
        if (key is not null) _byKey[key] = node;
        _bytes += bytes;
        return true;
    }

    /// <summary>Takes all that waits, in order.</summary>
    public IReadOnlyList<Undelivered> Take()
    {
        if (_entries.Count == 0) return [];
        Undelivered[] taken = [.. _entries.Select(e => e.Held)];
        _entries.Clear();
        _byKey.Clear();
        _bytes = 0;
        return taken;
    }

    private readonly record struct Entry(Undelivered Held, int Bytes);
}
