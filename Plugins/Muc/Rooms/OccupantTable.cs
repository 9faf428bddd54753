using System.Diagnostics.CodeAnalysis;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>Who is in a room. Nicknames that differ in case alone are the same, so that nobody passes for another.</summary>
internal sealed class OccupantTable
{
    private readonly Dictionary<string, Occupant> _nicks = new(StringComparer.OrdinalIgnoreCase);
    private readonly Dictionary<Jid, (Occupant Occupant, OccupantSession Session)> _sessions = [];

    /// <summary>The occupants.</summary>
    public IReadOnlyCollection<Occupant> All => _nicks.Values;

    /// <summary>How many there are.</summary>
    public int Count => _nicks.Count;

    /// <summary>Rises with whoever comes, goes, or shows something else.</summary>
    public long Version { get; private set; }

    /// <summary>How many clients there are.</summary>
    public int SessionCount => _sessions.Count;

    /// <summary>The real full addresses.</summary>
    public IReadOnlyCollection<Jid> Addresses => _sessions.Keys;

    /// <summary>The occupant of a nickname.</summary>
    public Occupant? Find(string nick) => _nicks.GetValueOrDefault(nick);

    /// <summary>The occupant and client of a real full address.</summary>
    public bool TryFind(Jid full, [NotNullWhen(true)] out Occupant? occupant, [NotNullWhen(true)] out OccupantSession? session)
    {
        var isThere = _sessions.TryGetValue(full, out var found);
        (occupant, session) = found;
        return isThere;
    }

    /// <summary>The occupant of a real full address.</summary>
    public Occupant? Of(Jid? full) => full is null ? null : _sessions.GetValueOrDefault(full).Occupant;

    /// <summary>The occupants that are an account's.</summary>
    public IReadOnlyList<Occupant> OfAccount(Jid account) => [.. _nicks.Values.Where(o => o.Account == account)];

    /// <summary>Adds an occupant, or another client of one.</summary>
    public void Add(Occupant occupant, OccupantSession session)
    {
        _nicks[occupant.Nick] = occupant;
        _sessions[session.Jid] = (occupant, session);
        Version++;
        occupant.Put(session);
    }

    /// <summary>Takes a client away, and the occupant with the last.</summary>
    public void Remove(Occupant occupant, OccupantSession session)
    {
        _sessions.Remove(session.Jid);
        Version++;
        occupant.Remove(session);
        if (occupant.Sessions.Count == 0) _nicks.Remove(occupant.Nick);
    }

    /// <summary>Takes an occupant away with all clients, which it keeps, so that they can be told.</summary>
    public void Remove(Occupant occupant)
    {
        foreach (var session in occupant.Sessions) _sessions.Remove(session.Jid);
        Version++;
        _nicks.Remove(occupant.Nick);
    }

    /// <summary>Lets a client show something else.</summary>
    public void Show(Occupant occupant, OccupantSession session, IReadOnlyList<Element> payload, int priority)
    {
        (session.Payload, session.Priority) = (payload, priority);
        Version++;
        occupant.Put(session);
    }

    /// <summary>Gives an occupant another nickname.</summary>
    public void Rename(Occupant occupant, Jid address)
    {
        _nicks.Remove(occupant.Nick);
        occupant.Address = address;
        occupant.Templates = default;
        _nicks[occupant.Nick] = occupant;
    }
}
