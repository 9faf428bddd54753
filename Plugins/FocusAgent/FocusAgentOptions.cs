using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Muji;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.FocusAgent;

/// <summary>Who may enter a call room.</summary>
public enum OpenTo
{
    /// <summary>Accounts of this server; guests while an account is there or has reserved the room.</summary>
    Accounts,
    /// <summary>Accounts and guests of this server.</summary>
    Guests,
    /// <summary>Anybody, people on other servers too.</summary>
    Anyone,
}

/// <summary>Who moderates a call, beside admins, those whom the operator or other moderators name, and the moderators of a chat room that it is tied to.</summary>
public enum Moderators
{
    /// <summary>The account that reserved the room first; where it was not reserved when the call began, the account that came first.</summary>
    Hosts,
    /// <summary>The account that reserved the room first.</summary>
    Reservers,
    /// <summary>Nobody else.</summary>
    Named,
}

/// <summary>What clients see that take one picture only.</summary>
public enum MixedVideo
{
    /// <summary>Whoever speaks, or spoke last: in the quality that they send, and at no cost.</summary>
    Speaker,
    /// <summary>Everybody, composed with their names; where the libraries for it are missing, whoever speaks.</summary>
    Composed,
}

/// <summary>The section <c>Plugins:FocusAgent</c>; <c>Domain</c> beside these is the calls' domain, by default <c>calls.</c> and the served domain.</summary>
public sealed class FocusAgentOptions
{
    /// <summary>Who may enter. On a server bound to loopback only every room is open to all.</summary>
    public OpenTo OpenTo { get; set; } = OpenTo.Accounts;

    /// <summary>Voices that one call page receives at once; beyond that the latest speakers are chosen.</summary>
    public int AudioSlots { get; set; } = 12;

    /// <summary>Pictures that one call page receives at once.</summary>
    public int VideoSlots { get; set; } = 12;

    /// <summary>What one-to-one clients see, which take one picture only.</summary>
    public MixedVideo MixedVideo { get; set; } = MixedVideo.Speaker;

    /// <summary>The most participants of a conference.</summary>
    public int MaxParticipants { get; set; } = 50;

    /// <summary>The most conferences at once.</summary>
    public int MaxConferences { get; set; } = 1000;

    /// <summary>The most rooms that one account has reserved at once.</summary>
    public int ReservationsPerAccount { get; set; } = 10;

    /// <summary>The longest reservation of a room.</summary>
    public TimeSpan LongestReservation { get; set; } = TimeSpan.FromDays(31);

    /// <summary>How clients that speak XEP-0272 call one another in chat rooms of this server. Counts for calls that begin afterwards.</summary>
    public MujiMode Muji { get; set; } = MujiMode.Star;

    /// <summary>Chat rooms, or domains of such, where it is the other way.</summary>
    public IList<string> MujiExcept { get; init; } = [];

    /// <summary>Moderators of every call: bare addresses.</summary>
    public IReadOnlyList<string> Admins { get; set; } = [];

    /// <summary>Who else moderates.</summary>
    public Moderators Moderators { get; set; } = Moderators.Hosts;

    /// <summary>Whether a call of a room is tied to the chat room of the same name, where there is one, and who of it may be in the call.</summary>
    public ChatRoomEntry ChatRooms { get; set; } = ChatRoomEntry.Off;

    /// <summary>What the operator says of single rooms, by name or whole address.</summary>
    public Dictionary<string, RoomOptions> Rooms { get; set; } = [];

    /// <summary>The most callers who may wait to be let into one room.</summary>
    public int LobbyPlaces { get; set; } = 50;

    /// <summary>How long a call page may wait to be let in. Other clients wait a minute, as when somebody rings.</summary>
    public TimeSpan LobbyTime { get; set; } = TimeSpan.FromMinutes(10);

    /// <summary>Wrong passwords that one account, or the guests of one network, may give a room at once; after that one more in twelve seconds.</summary>
    public int PasswordTries { get; set; } = 5;

    /// <summary>Plain RTP for gateways and media tools.</summary>
    public RawUdpOptions RawUdp { get; init; } = new();

    /// <summary>How long the room rings at somebody whom it calls.</summary>
    public TimeSpan RingTime { get; set; } = TimeSpan.FromSeconds(45);

    /// <summary>How many people one caller may have called a minute, and how often one person may be called a minute; 0: rooms call nobody.</summary>
    public int RingsPerMinute { get; set; } = 10;

    /// <summary>Whether people on other servers may be called too.</summary>
    public bool RingAnyone { get; set; }

    /// <summary>Rooms that every account has among its contacts.</summary>
    public IReadOnlyList<RosterRoom> RosterRooms { get; set; } = [];

    /// <summary>Recording of calls.</summary>
    public Recording.RecordingOptions Recording { get; set; } = new();

    /// <summary>The faults of a section.</summary>
    public static IEnumerable<string> Validate(FocusAgentOptions options)
    {
        if (!Enum.IsDefined(options.OpenTo)) yield return "OpenTo: must be accounts, guests or anyone";
        // A Jingle message carries at most 64 contents, two of which are the page's own.
        if (options.AudioSlots is < 1 or > 30) yield return "AudioSlots: must be 1 to 30";
        if (options.VideoSlots is < 1 or > 30) yield return "VideoSlots: must be 1 to 30";
        if (!Enum.IsDefined(options.MixedVideo)) yield return "MixedVideo: must be speaker or composed";
        if (options.MaxParticipants is < 2 or > 500) yield return "MaxParticipants: must be 2 to 500";
        if (options.MaxConferences < 1) yield return "MaxConferences: must be at least 1";
        if (options.ReservationsPerAccount is < 0 or > 1000) yield return "ReservationsPerAccount: must be 0 (none) to 1000";
        if (!Enum.IsDefined(options.Muji)) yield return "Muji: must be star or mesh";
        for (var i = 0; i < options.MujiExcept.Count; i++)
        {
            if (!Jid.TryParse(options.MujiExcept[i], out var except) || except.Resource is not null) yield return $"MujiExcept:{i}: must be a chat room, as team@rooms.example.org, or the domain of some";
        }

        foreach (var admin in options.Admins.Where(a => !RoomOptions.IsAccount(a))) yield return $"Admins: '{admin}' must be an account's address, such as ann@example.org";
        if (!Enum.IsDefined(options.Moderators)) yield return "Moderators: must be Hosts, Reservers or Named";
        if (!Enum.IsDefined(options.ChatRooms)) yield return "ChatRooms: must be Off, Occupants or Members";
        foreach (var fault in options.Rooms.SelectMany(r => RoomOptions.Validate(r.Key, r.Value))) yield return fault;
        foreach (var fault in Parley.Plugins.FocusAgent.Recording.RecordingOptions.Validate(options.Recording)) yield return fault;
        if (options.LobbyPlaces is < 1 or > 1000) yield return "LobbyPlaces: must be 1 to 1000";
        if (options.LobbyTime < TimeSpan.FromSeconds(10) || options.LobbyTime > TimeSpan.FromHours(12)) yield return "LobbyTime: must be 00:00:10 to 12:00:00";
        if (options.PasswordTries is < 1 or > 100) yield return "PasswordTries: must be 1 to 100";
        foreach (var fault in options.RosterRooms.SelectMany(RosterRoom.Validate)) yield return fault;
        if (options.RingTime < TimeSpan.FromSeconds(5) || options.RingTime > TimeSpan.FromMinutes(10)) yield return "RingTime: must be 00:00:05 to 00:10:00";
        if (options.RingsPerMinute is < 0 or > 1000) yield return "RingsPerMinute: must be 0 (rooms call nobody) to 1000";
        if (options.LongestReservation < TimeSpan.FromMinutes(1) || options.LongestReservation > TimeSpan.FromDays(3660)) yield return "LongestReservation: must be 00:01:00 to 3660.00:00:00";
        foreach (var fault in RawUdpOptions.Validate(options.RawUdp)) yield return fault;
    }
}
