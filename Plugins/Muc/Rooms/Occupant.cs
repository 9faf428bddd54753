using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Somebody in a room: a nickname, under which one or more clients of one account are.</summary>
internal sealed class Occupant(Jid address, Jid account, string id, Role role)
{
    private readonly List<OccupantSession> _sessions = [];

    /// <summary>The address in the room, <c>room@service/nick</c>.</summary>
    public Jid Address { get; set; } = address;

    /// <summary>The nickname.</summary>
    public string Nick => Address.Resource!;

    /// <summary>The real bare address.</summary>
    public Jid Account { get; } = account;

    /// <summary>The id that stays the same under any nickname (XEP-0421).</summary>
    public string Id { get; } = id;

    /// <summary>The role.</summary>
    public Role Role { get; set; } = role;

    /// <summary>The clients; the first is the one whose presence others see.</summary>
    public IReadOnlyList<OccupantSession> Sessions => _sessions;

    /// <summary>The client whose presence others see.</summary>
    public OccupantSession Shown => _sessions[0];

    /// <summary>The presence as others see it, kept until something changes: with real addresses, and without.</summary>
    public (Presence? WithAddress, Presence? Without) Templates { get; set; }

    /// <summary>Adds a client or moves it to its place: the highest priority first, of several the latest.</summary>
    public void Put(OccupantSession session)
    {
        _sessions.Remove(session);
        var place = _sessions.FindIndex(s => s.Priority <= session.Priority);
        _sessions.Insert(place < 0 ? _sessions.Count : place, session);
        Templates = default;
    }

    /// <summary>Takes a client away.</summary>
    public void Remove(OccupantSession session)
    {
        _sessions.Remove(session);
        Templates = default;
    }
}

/// <summary>One client of an occupant.</summary>
/// <param name="jid">Its full address.</param>
internal sealed class OccupantSession(Jid jid)
{
    /// <summary>The real full address.</summary>
    public Jid Jid { get; } = jid;

    /// <summary>What its presence says, beside what is the room's to say.</summary>
    public IReadOnlyList<Element> Payload { get; set; } = [];

    /// <summary>Its presence's priority.</summary>
    public int Priority { get; set; }
}
