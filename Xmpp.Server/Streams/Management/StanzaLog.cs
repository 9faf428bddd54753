using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Sessions;

namespace Parley.Xmpp.Server.Streams.Management;

/// <summary>
/// What was sent on a managed stream and is not acknowledged yet, in order (XEP-0198 section 4), bounded. Its owner locks; <see cref="Ask"/> and what it reads need no lock,
/// since the writer calls it inside its own.
/// </summary>
internal sealed class StanzaLog(int mostStanzas, int mostBytes)
{
    // A count that never rises, of a client that lost one, would be asked for without end.
    private const int MostInVain = 2;

    private readonly Queue<Entry> _entries = new();
    private long _bytes;
    private uint _acknowledged;
    private volatile uint _sent;
    private volatile uint _askedUpTo;
    private volatile int _inVain;
    private volatile bool _isAllAcknowledged = true;
    private volatile bool _isAsked;
    private volatile bool _mustAsk;

    /// <summary>How many stanzas were sent since the stream is managed, modulo 2^32.</summary>
    public uint Sent => _sent;

    /// <summary>Whether one more may be sent. One stanza passes whatever its size.</summary>
    public bool HasRoom => _entries.Count == 0 || (_entries.Count < mostStanzas && _bytes < mostBytes);

    /// <summary>Whether the client was asked and has not answered.</summary>
    public bool IsAsked => _isAsked;

    /// <summary>The stanzas, oldest first.</summary>
    public IEnumerable<Stanza> Stanzas => _entries.Select(e => e.Stanza);

    /// <summary>The stanzas after that number of those sent, oldest first.</summary>
    public IReadOnlyList<Stanza> After(uint number)
    {
        var known = Math.Max(0, unchecked((int)(number - _acknowledged)));
        return [.. _entries.Skip(known).Select(e => e.Stanza)];
    }

    /// <summary>Notes a stanza that is sent now.</summary>
    public void Add(Stanza stanza, DateTimeOffset now, Delivery? delivery)
    {
        var bytes = stanza.Element.ToUtf8().Length;
        _entries.Enqueue(new Entry(stanza, now, delivery, bytes));
        _bytes += bytes;
        _isAllAcknowledged = false;
        _sent++;
    }

    /// <summary>Whether the client can have handled that many.</summary>
    public bool IsPossible(uint h) => unchecked((int)(h - _sent)) <= 0;

    /// <summary>Takes the client's count; returns who is to hear that something arrived. A count that is older than one before says nothing.</summary>
    public IReadOnlyList<Delivery> Acknowledge(uint h)
    {
        _isAsked = false;
        _inVain = unchecked((int)(h - _acknowledged)) > 0 ? 0 : _inVain + 1;
        List<Delivery>? arrived = null;
        while (_entries.Count > 0 && unchecked((int)(h - _acknowledged)) > 0)
        {
            var entry = _entries.Dequeue();
            _bytes -= entry.Bytes;
            _acknowledged++;
            if (entry.Delivery is not null) (arrived ??= []).Add(entry.Delivery);
        }

        _isAllAcknowledged = _entries.Count == 0;
        return arrived ?? [];
    }

    /// <summary>The client says by resuming how far it came: what is left is sent anew behind that, as others want it.</summary>
    /// <param name="settle">What to send in place of all that is left: less, or other stanzas.</param>
    public void Renew(Func<IReadOnlyList<Undelivered>, IReadOnlyList<Undelivered>> settle)
    {
        var left = settle(Take());
        _sent = _acknowledged;
        foreach (var (stanza, since, delivery) in left) Add(stanza, since, delivery);
        (_isAsked, _mustAsk, _inVain) = (false, false, 0);
    }

    /// <summary>Takes all that is left.</summary>
    public IReadOnlyList<Undelivered> Take()
    {
        var left = _entries.Select(e => new Undelivered(e.Stanza, e.Since, e.Delivery)).ToList();
        _entries.Clear();
        (_bytes, _isAllAcknowledged) = (0, true);
        return left;
    }

    /// <summary>Whether to ask the client now: once for what was written together, and again only after it answered; not without end where its answers say nothing new.</summary>
    public bool Ask()
    {
        var sent = _sent;
        var isDue = !_isAsked && !_isAllAcknowledged && (sent != _askedUpTo || _inVain < MostInVain);
        if (!isDue && !_mustAsk) return false;
        (_isAsked, _mustAsk, _askedUpTo) = (true, false, sent);
        return true;
    }

    /// <summary>The client shall be asked though nothing may be open: for a sign of life.</summary>
    public void MustAsk() => _mustAsk = true;

    private readonly record struct Entry(Stanza Stanza, DateTimeOffset Since, Delivery? Delivery, int Bytes);
}
