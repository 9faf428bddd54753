using System.Collections.Frozen;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What the service imposes on each of its rooms.</summary>
public sealed record RoomRules
{
    /// <summary>The most occupants of a room, whatever its owners say.</summary>
    public int MaxOccupants { get; init; } = 1000;

    /// <summary>Admins and owners that may enter beyond the room's own limit (XEP-0045 section 7.2.9).</summary>
    public int ExtraAdmins { get; init; } = 10;

    /// <summary>The most clients of one account under one nickname.</summary>
    public int MaxSessionsPerNick { get; init; } = 20;

    /// <summary>The longest nickname, in characters.</summary>
    public int MaxNickLength { get; init; } = 64;

    /// <summary>The largest message, in bytes of its children.</summary>
    public int MaxMessageBytes { get; init; } = 64 * 1024;

    /// <summary>The largest presence, in bytes of its children.</summary>
    public int MaxPresenceBytes { get; init; } = 8 * 1024;

    /// <summary>The most messages of history that somebody who enters is sent.</summary>
    public int MaxHistory { get; init; } = 100;

    /// <summary>The messages of history in a new room.</summary>
    public int DefaultHistory { get; init; } = 20;

    /// <summary>The most affiliations of a room.</summary>
    public int MaxAffiliations { get; init; } = 2000;

    /// <summary>The most items in one request that changes roles or affiliations, and invitations in one message.</summary>
    public int MaxItemsPerRequest { get; init; } = 200;

    /// <summary>The longest name, subject, description, password or reason, in characters.</summary>
    public int MaxTextLength { get; init; } = 4096;

    /// <summary>The largest vCard of a room, in bytes.</summary>
    public int MaxVCardBytes { get; init; } = 128 * 1024;

    /// <summary>The most hats of a room.</summary>
    public int MaxHats { get; init; } = 50;

    /// <summary>The most requests to other occupants that wait for an answer, in one room.</summary>
    public int MaxRelayedRequests { get; init; } = 1000;

    /// <summary>How long such a request is remembered.</summary>
    public TimeSpan RelayTime { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Accounts that are owners of every room.</summary>
    public IReadOnlySet<Jid> ServiceAdmins { get; init; } = FrozenSet<Jid>.Empty;
}
