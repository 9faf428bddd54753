using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>All of a room that outlives its occupants.</summary>
/// <param name="Address">Its bare address.</param>
/// <param name="Secret">The key of its occupant ids.</param>
public sealed record RoomRecord(Jid Address, byte[] Secret)
{
    /// <summary>Who made it: a bare address; null if that is not known.</summary>
    public Jid? Creator { get; init; }

    /// <summary>Its configuration.</summary>
    public RoomConfig Config { get; init; } = new();

    /// <summary>Its subject.</summary>
    public Subject Subject { get; init; } = Subject.None;

    /// <summary>Its vCard; null for none.</summary>
    public Element? VCard { get; init; }

    /// <summary>Its affiliations.</summary>
    public IReadOnlyList<KeyValuePair<Jid, AffiliationEntry>> Affiliations { get; init; } = [];

    /// <summary>Its hats.</summary>
    public IReadOnlyList<Hat> Hats { get; init; } = [];

    /// <summary>Who wears which hat, by its URI.</summary>
    public IReadOnlyList<(Jid Account, string Uri)> Worn { get; init; } = [];
}

/// <summary>What others may know of a room without asking it.</summary>
/// <param name="Name">What people read.</param>
/// <param name="IsListed">Whether it is listed.</param>
/// <param name="Occupants">How many are there.</param>
public sealed record RoomSummary(string Name, bool IsListed, int Occupants);
