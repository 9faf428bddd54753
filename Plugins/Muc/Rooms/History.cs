using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>A message that whoever enters later is shown.</summary>
/// <param name="Id">Its stable id (XEP-0359).</param>
/// <param name="Time">When it came.</param>
/// <param name="AuthorId">The occupant id of who wrote it.</param>
/// <param name="Message">As it is sent then: stamped (XEP-0203), and without addressee.</param>
internal sealed record HistoryEntry(string Id, DateTimeOffset Time, string? AuthorId, Message Message)
{
    /// <summary>How long it is on the wire, in characters, near enough.</summary>
    public int Length { get; } = Message.Element.ToUtf8().Length;
}

/// <summary>What was said last in a room (XEP-0045 section 7.2.13), bounded.</summary>
internal sealed class History
{
    /// <summary>How much of it is kept, as <see cref="HistoryEntry.Length"/> counts. One entry is kept however long.</summary>
    public const int MostLength = 1024 * 1024;

    private readonly List<HistoryEntry> _entries = [];
    private long _length;

    /// <summary>The entries, oldest first.</summary>
    public IReadOnlyList<HistoryEntry> Entries => _entries;

    /// <summary>Adds an entry, and forgets the oldest beyond a number and <see cref="MostLength"/>.</summary>
    public void Add(HistoryEntry entry, int most)
    {
        _entries.Add(entry);
        _length += entry.Length;
        while (_entries.Count > most || (_length > MostLength && _entries.Count > 1)) Remove(_entries[0]);
    }

    /// <summary>The entry of an id; null if it is not there any more.</summary>
    public HistoryEntry? Find(string id) => _entries.Find(e => e.Id == id);

    /// <summary>Takes an entry out.</summary>
    public void Remove(HistoryEntry entry)
    {
        if (_entries.Remove(entry)) _length -= entry.Length;
    }

    /// <summary>What somebody is sent: the latest, within every bound that they named (section 7.2.14).</summary>
    public IEnumerable<HistoryEntry> Choose(HistoryRequest request, int most, DateTimeOffset now)
    {
        var since = request.Since;
        if (request.Seconds is { } seconds && (since is null || now - TimeSpan.FromSeconds(seconds) > since)) since = now - TimeSpan.FromSeconds(seconds);
        var chosen = new Stack<HistoryEntry>();
        var characters = request.MaxCharacters ?? int.MaxValue;
        most = Math.Min(most, request.MaxStanzas ?? int.MaxValue);
        for (var i = _entries.Count - 1; i >= 0 && chosen.Count < most; i--)
        {
            var entry = _entries[i];
            if (entry.Time < since || entry.Length > characters) break;
            characters -= entry.Length;
            chosen.Push(entry);
        }

        return chosen;
    }

    /// <summary>A message as it stands in history.</summary>
    public static Message Stamp(Message message, string by, DateTimeOffset time) => DelayStamp.Add(message, by, time);

    /// <summary>Whether a message is worth showing later: one that says something.</summary>
    public static bool IsKept(Element message) =>
        message.Child("body", Ns.Client) is not null && message.Child("no-store", Ns.Hints) is null && message.Child("no-permanent-store", Ns.Hints) is null;
}
