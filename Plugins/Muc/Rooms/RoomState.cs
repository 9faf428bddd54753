using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>All that a room is; what each concern reads and changes.</summary>
internal sealed class RoomState
{
    private readonly OccupantIds _ids;

    /// <summary>Makes the state of a room that nobody is in.</summary>
    public RoomState(Jid address, byte[] secret, RoomRules rules)
    {
        (Address, Rules) = (address, rules);
        _ids = new OccupantIds(secret);
        Affiliations = new AffiliationList(() => Rules.ServiceAdmins);
        StandIns = new StandIns(this);
    }

    /// <summary>The room's bare address.</summary>
    public Jid Address { get; }

    /// <summary>What the service imposes.</summary>
    public RoomRules Rules { get; set; }

    /// <summary>What owners configured.</summary>
    public RoomConfig Config { get; set; } = new();

    /// <summary>Affiliations.</summary>
    public AffiliationList Affiliations { get; }

    /// <summary>Who is there.</summary>
    public OccupantTable Occupants { get; } = new();

    /// <summary>Who stands in for them.</summary>
    public StandIns StandIns { get; }

    /// <summary>What was said last.</summary>
    public History History { get; } = new();

    /// <summary>The subject.</summary>
    public Subject Subject { get; set; } = Subject.None;

    /// <summary>Hats.</summary>
    public HatBook Hats { get; } = new();

    /// <summary>The room's vCard, for its picture; null for none.</summary>
    public Element? VCard { get; set; }

    /// <summary>Not yet configured by whoever made it (XEP-0045 section 10.1): nobody else may enter.</summary>
    public bool IsLocked { get; set; }

    /// <summary>Whether there is an archive for what is said.</summary>
    public bool HasArchive { get; set; }

    /// <summary>Whether what is said is archived.</summary>
    public bool IsArchived => HasArchive && Config.IsLogged;

    /// <summary>The time of the event that is looked at.</summary>
    public DateTimeOffset Now { get; set; }

    /// <summary>What is to be done.</summary>
    public Outbox Out { get; } = new();

    /// <summary>The affiliation of a real address.</summary>
    public Affiliation AffiliationOf(Jid real) => Affiliations.Of(real.Bare);

    /// <summary>The stable id of an account in this room.</summary>
    public string OccupantIdOf(Jid account) => _ids.Of(account);

    /// <summary>The most occupants.</summary>
    public int MaxOccupants => Math.Min(Config.MaxUsers ?? int.MaxValue, Rules.MaxOccupants);

    /// <summary>The messages that whoever enters is sent.</summary>
    public int HistoryLength => Math.Min(Config.HistoryLength ?? Rules.DefaultHistory, Rules.MaxHistory);

    /// <summary>Whether an occupant sees another's real address (section 4.2).</summary>
    public bool SeesAddresses(Occupant viewer) => Config.IsNonAnonymous || viewer.Role == Role.Moderator;

    /// <summary>The role of whoever enters, or whose affiliation changes (section 5.1.2).</summary>
    public Role DefaultRole(Affiliation affiliation) => affiliation switch
    {
        Affiliation.Owner or Affiliation.Admin => Role.Moderator,
        Affiliation.Member => Role.Participant,
        Affiliation.None => Config.IsModerated ? Role.Visitor : Role.Participant,
        _ => Role.None,
    };

    /// <summary>The occupant id as it goes into stanzas.</summary>
    public static Element OccupantIdElement(string id) => new Element("occupant-id", MucNames.OccupantId).Attr("id", id);
}
