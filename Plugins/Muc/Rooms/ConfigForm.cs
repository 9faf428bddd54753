using System.Globalization;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>The form of a room's configuration (XEP-0045 section 10.1.3).</summary>
internal static class ConfigForm
{
    private static readonly int[] Sizes = [10, 20, 30, 50, 100, 200, 500];
    private static readonly (string? Label, string Value)[] RoleOptions = [("Moderators", "moderator"), ("Participants", "participant"), ("Visitors", "visitor")];

    /// <summary>The whole name of a field.</summary>
    public static string Field(string name) => "muc#roomconfig_" + name;

    /// <summary>The form to fill in.</summary>
    public static DataForm Write(RoomState room)
    {
        var c = room.Config;
        var form = new DataForm("form", MucNames.RoomConfig) { Title = "Room configuration" };
        form.Add(Field("roomname"), "text-single", c.Name, "Name").Add(Field("roomdesc"), "text-single", c.Description, "Description").Add(Field("lang"), "text-single", c.Language, "Language")
            .Add(Field("persistentroom"), c.IsPersistent, "The room stays when nobody is there").Add(Field("publicroom"), c.IsPublic, "The room is listed")
            .Add(Field("membersonly"), c.IsMembersOnly, "Only members may enter").Add(Field("allowinvites"), c.MayInvite, "Members may invite, and so make members")
            .Add(Field("moderatedroom"), c.IsModerated, "Newcomers may speak only when a moderator lets them").Add(Field("changesubject"), c.MayChangeSubject, "Participants may change the subject");
        form.Add(Choice("whois", c.IsNonAnonymous ? "anyone" : "moderators", "Who sees real addresses", [("Moderators", "moderators"), ("Everybody", "anyone")]));
        form.Add(Choice("allowpm", Word(c.PrivateMessages), "Who may send private messages", [("Everybody", "anyone"), ("Participants", "participants"), ("Moderators", "moderators"), ("Nobody", "none")]));
        form.Add(Roles("presencebroadcast", c.PresenceBroadcast, "Whose presence is shown")).Add(Roles("getmemberlist", c.MemberListFor, "Who may see the lists of members"));
        form.Add(Field("passwordprotectedroom"), c.Password is not null, "A password is needed").Add(Field("roomsecret"), "text-private", c.Password ?? "", "Password");
        var most = room.Rules.MaxOccupants;
        int[] sizes = [.. Sizes.Where(n => n < most), most];
        form.Add(Choice("maxusers", Number(room.MaxOccupants), "The most occupants", [.. sizes.Append(room.MaxOccupants).Distinct().Order().Select(n => ((string?)null, Number(n)))]));
        form.Add(Field("historylength"), "text-single", Number(room.HistoryLength), "Messages of history for newcomers");
        if (room.HasArchive) form.Add(Field("enablelogging"), c.IsLogged, "Messages are archived on the server");
        return form.Add(Accounts(room, "roomadmins", Affiliation.Admin, "Admins")).Add(Accounts(room, "roomowners", Affiliation.Owner, "Owners"));
    }

    /// <summary>The word for who may send private messages.</summary>
    public static string Word(PrivateMessages who) => who switch
    {
        PrivateMessages.Participants => "participants",
        PrivateMessages.Moderators => "moderators",
        PrivateMessages.None => "none",
        _ => "anyone",
    };

    /// <summary>The words for a set of roles.</summary>
    public static IReadOnlyList<string> Words(RoleSet roles) =>
        [.. new[] { Role.Moderator, Role.Participant, Role.Visitor }.Where(r => roles.Has(r)).Select(r => r.Word())];

    private static FormField Choice(string name, string value, string label, (string?, string)[] options) => new(Field(name), "list-single", [value]) { Label = label, Options = options };

    private static FormField Roles(string name, RoleSet roles, string label) => new(Field(name), "list-multi", Words(roles)) { Label = label, Options = RoleOptions };

    private static FormField Accounts(RoomState room, string name, Affiliation affiliation, string label) =>
        new(Field(name), "jid-multi", [.. room.Affiliations.With(affiliation).Select(e => e.Key.ToString()).Order(StringComparer.Ordinal)]) { Label = label };

    private static string Number(int number) => number.ToString(CultureInfo.InvariantCulture);
}
