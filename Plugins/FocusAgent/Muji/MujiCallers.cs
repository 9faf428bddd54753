using System.Collections.Concurrent;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent.Muji;

/// <summary>
/// Who announces a call by XEP-0272 in a chat room where the focus stands in. A session counts as one of that call only from somebody who does (section 4), and lets its chat room decide who comes: as many
/// are known as are there.
/// </summary>
public sealed class MujiCallers
{
    private readonly ConcurrentDictionary<(Jid Call, Jid Client), Jid> _callers = new();

    /// <summary>How many there are.</summary>
    public int Count => _callers.Count;

    /// <summary>Notes a client.</summary>
    /// <param name="call">The call room's bare address.</param>
    /// <param name="client">The client's full address.</param>
    /// <param name="room">The chat room's bare address.</param>
    public void Add(Jid call, Jid client, Jid room) => _callers[(call, client)] = room;

    /// <summary>Forgets a client.</summary>
    public void Remove(Jid call, Jid client) => _callers.TryRemove((call, client), out _);

    /// <summary>Whether a client announces the call in that chat room.</summary>
    public bool Has(Jid call, Jid client, string? room) => _callers.TryGetValue((call, client), out var own) && Jid.TryParse(room, out var said) && own == said;
}
