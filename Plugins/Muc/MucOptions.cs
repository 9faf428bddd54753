using System.Collections.Frozen;
using Parley.Plugins.Muc.Rooms;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Muc;

/// <summary>Who may make a room by entering it.</summary>
public enum CreateBy
{
    /// <summary>Accounts of this server.</summary>
    Accounts,
    /// <summary>Those named by <see cref="MucOptions.Admins"/>.</summary>
    Admins,
    /// <summary>Anybody who may enter, people on other servers too.</summary>
    Anyone,
}

/// <summary>The section <c>Plugins:Muc</c>; <c>Domain</c> beside these is the rooms' domain, by default <c>rooms.</c> and the served domain.</summary>
public sealed class MucOptions
{
    /// <summary>Who may make rooms.</summary>
    public CreateBy CreateBy { get; set; } = CreateBy.Accounts;

    /// <summary>Bare addresses that are owners of every room.</summary>
    public IList<string> Admins { get; init; } = [];

    /// <summary>Whether guests may enter rooms.</summary>
    public bool Guests { get; set; }

    /// <summary>The most rooms in all.</summary>
    public int MaxRooms { get; set; } = 10_000;

    /// <summary>The most rooms that one account made.</summary>
    public int RoomsPerAccount { get; set; } = 100;

    /// <summary>The most occupants of a room; its owners may set fewer.</summary>
    public int MaxOccupants { get; set; } = 1000;

    /// <summary>The most affiliations (members, admins, owners, bans) of a room.</summary>
    public int MaxAffiliations { get; set; } = 2000;

    /// <summary>The messages that whoever enters is sent, unless the room's owners say otherwise.</summary>
    public int History { get; set; } = 20;

    /// <summary>The most messages that owners may say.</summary>
    public int MaxHistory { get; set; } = 100;

    /// <summary>The largest message, in bytes.</summary>
    public int MaxMessageBytes { get; set; } = 64 * 1024;

    /// <summary>The longest nickname, in characters.</summary>
    public int MaxNickLength { get; set; } = 64;

    /// <summary>How often one account may enter rooms in a minute.</summary>
    public int JoinsPerMinutePerAccount { get; set; } = 120;

    /// <summary>How many messages and changes of presence one account may send to everybody in rooms in a minute.</summary>
    public int MessagesPerMinutePerAccount { get; set; } = 600;

    /// <summary>How often those who are no members may enter one room in a minute, all together.</summary>
    public int JoinsPerMinutePerRoom { get; set; } = 3000;

    /// <summary>The faults of a section.</summary>
    public static IEnumerable<string> Validate(MucOptions options)
    {
        if (!Enum.IsDefined(options.CreateBy)) yield return "CreateBy: must be accounts, admins or anyone";
        foreach (var admin in options.Admins)
        {
            if (!Jid.TryParse(admin, out var jid) || jid.Local is null || !jid.IsBare) yield return $"Admins: \"{admin}\" is no address of a person";
        }

        if (options.MaxRooms < 1) yield return "MaxRooms: must be at least 1";
        if (options.RoomsPerAccount < 0) yield return "RoomsPerAccount: must be at least 0";
        if (options.MaxOccupants is < 1 or > 100_000) yield return "MaxOccupants: must be 1 to 100000";
        if (options.MaxAffiliations is < 1 or > 100_000) yield return "MaxAffiliations: must be 1 to 100000";
        if (options.MaxHistory is < 0 or > 10_000) yield return "MaxHistory: must be 0 to 10000";
        if (options.History < 0 || options.History > options.MaxHistory) yield return "History: must be 0 to MaxHistory";
        if (options.MaxMessageBytes < 1024) yield return "MaxMessageBytes: must be at least 1024";
        if (options.MaxNickLength is < 1 or > 1023) yield return "MaxNickLength: must be 1 to 1023";
        if (options.JoinsPerMinutePerAccount < 1) yield return "JoinsPerMinutePerAccount: must be at least 1";
        if (options.MessagesPerMinutePerAccount < 1) yield return "MessagesPerMinutePerAccount: must be at least 1";
        if (options.JoinsPerMinutePerRoom < 1) yield return "JoinsPerMinutePerRoom: must be at least 1";
    }

    /// <summary>What follows for each room.</summary>
    internal RoomRules ToRules() => new()
    {
        MaxOccupants = MaxOccupants,
        MaxAffiliations = MaxAffiliations,
        DefaultHistory = History,
        MaxHistory = MaxHistory,
        MaxMessageBytes = MaxMessageBytes,
        MaxNickLength = MaxNickLength,
        ServiceAdmins = Admins.Select(Jid.Parse).ToFrozenSet(),
    };
}
