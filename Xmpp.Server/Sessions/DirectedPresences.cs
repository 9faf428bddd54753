using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>
/// Who was told by directed presence that a session is available (RFC 6121 section 4.6), and what was said, bounded. Used by the session's own queue only, except for
/// <see cref="Forget"/> and <see cref="Left"/>.
/// </summary>
internal sealed class DirectedPresences(int limit)
{
    // What is larger, or other than these, is not said anew: clients say the same to all their rooms.
    private const int MostBytes = 4096;
    private const int MostKinds = 16;

    private readonly Lock _gate = new();
    private Dictionary<Jid, DirectedPresence?>? _told;

    /// <summary>Remembers an addressee; false if there are too many.</summary>
    /// <param name="to">The addressee.</param>
    /// <param name="said">What the client said.</param>
    /// <param name="shown">What the addressee is shown of it.</param>
    public bool Add(Jid to, Presence said, Presence shown)
    {
        var kept = DirectedPresence.Of(said, shown);
        lock (_gate)
        {
            _told ??= [];
            if (_told.Count >= limit && !_told.ContainsKey(to)) return false;
            var known = _told.Values.Distinct().OfType<DirectedPresence>().ToList();
            _told[to] = known.FirstOrDefault(k => k.IsSame(kept)) ?? (kept.Bytes.Length <= MostBytes && known.Count < MostKinds ? kept : null);
            return true;
        }
    }

    /// <summary>An unavailable presence went to that address: to it, and where it is bare to all its resources.</summary>
    public void Forget(Jid to)
    {
        lock (_gate)
        {
            if (_told is null) return;
            foreach (var one in to.IsBare ? _told.Keys.Where(t => t.Bare == to).ToList() : [to]) _told.Remove(one);
        }
    }

    /// <summary>That address said that it is not there, or not for this session, as a room does that let somebody go: it is told of the end all the same, but of nothing before.</summary>
    public void Left(Jid from)
    {
        lock (_gate)
        {
            if (_told?.ContainsKey(from) == true) _told[from] = null;
        }
    }

    /// <summary>What can be said anew, and to whom.</summary>
    public IReadOnlyList<(DirectedPresence Presence, IReadOnlyList<Jid> To)> Sayable()
    {
        lock (_gate)
        {
            return _told is null ? [] : [.. _told.Where(t => t.Value is not null).GroupBy(t => t.Value!, t => t.Key).Select(g => (g.Key, (IReadOnlyList<Jid>)[.. g]))];
        }
    }

    /// <summary>Takes all addressees.</summary>
    public IReadOnlyCollection<Jid> Take()
    {
        lock (_gate)
        {
            var all = _told;
            _told = null;
            return all is null ? [] : all.Keys;
        }
    }
}

/// <summary>A directed presence as the client said it, without what is of its first time only.</summary>
internal sealed class DirectedPresence
{
    private const string Join = "http://jabber.org/protocol/muc";

    private DirectedPresence(Presence said, ReadOnlyMemory<byte> bytes, Presence shown) => (Said, Bytes, Shown) = (said, bytes, Content(shown));

    /// <summary>What the client said, to nobody yet.</summary>
    public Presence Said { get; }

    /// <summary>The same in UTF-8.</summary>
    public ReadOnlyMemory<byte> Bytes { get; }

    /// <summary>What was shown last.</summary>
    public ReadOnlyMemory<byte> Shown { get; private set; }

    public static DirectedPresence Of(Presence said, Presence shown)
    {
        var template = Template(said);
        return new DirectedPresence(template, template.Element.ToUtf8(), shown);
    }

    public bool IsSame(DirectedPresence other) => Bytes.Span.SequenceEqual(other.Bytes.Span);

    /// <summary>Notes what is shown from now on; false if that is nothing new.</summary>
    public bool Show(Presence shown)
    {
        var content = Content(shown);
        if (content.Span.SequenceEqual(Shown.Span)) return false;
        Shown = content;
        return true;
    }

    // Whoever enters a room anew gets its history anew (XEP-0045 section 7.2): that is not what is meant.
    private static Presence Template(Presence presence)
    {
        var element = presence.Element.CopyWithout(c => c.Is("x", Join)).Attr("to", null).Attr("id", null);
        return new Presence(element.Freeze());
    }

    private static ReadOnlyMemory<byte> Content(Presence presence) => Template(presence).Element.ToUtf8();
}
