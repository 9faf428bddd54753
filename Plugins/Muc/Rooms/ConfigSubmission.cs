using System.Globalization;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.Muc.Rooms;

/// <summary>What an owner submitted: the configuration that it makes, and the lists that it names. Fields that are not there stay as they are; ones that nobody knows count for nothing.</summary>
internal sealed class ConfigSubmission
{
    private readonly List<string> _faults = [];
    private readonly RoomRules _rules;
    private readonly DataForm _form;

    private ConfigSubmission(RoomConfig config, DataForm form, RoomRules rules)
    {
        (_form, _rules) = (form, rules);
        Config = config with
        {
            Name = Text("roomname", config.Name),
            Description = Text("roomdesc", config.Description),
            Language = Text("lang", config.Language),
            IsPersistent = Flag("persistentroom", config.IsPersistent),
            IsPublic = Flag("publicroom", config.IsPublic),
            IsMembersOnly = Flag("membersonly", config.IsMembersOnly),
            MayInvite = Flag("allowinvites", config.MayInvite),
            IsModerated = Flag("moderatedroom", config.IsModerated),
            MayChangeSubject = Flag("changesubject", config.MayChangeSubject),
            IsLogged = Flag("enablelogging", config.IsLogged),
            Password = Password(config.Password),
            Whois = One("whois", config.Whois, ("moderators", Whois.Moderators), ("anyone", Whois.Anyone)),
            // Some clients write "moderators", others the older "1" and "0".
            PrivateMessages = One("allowpm", config.PrivateMessages, ("anyone", PrivateMessages.Anyone), ("participants", PrivateMessages.Participants), ("moderators", PrivateMessages.Moderators), ("none", PrivateMessages.None), ("1", PrivateMessages.Anyone), ("0", PrivateMessages.None)),
            PresenceBroadcast = Roles("presencebroadcast", config.PresenceBroadcast),
            MemberListFor = Roles("getmemberlist", config.MemberListFor),
            MaxUsers = MaxUsers(config.MaxUsers),
            HistoryLength = Number("historylength", config.HistoryLength, 0, rules.MaxHistory),
        };
        Admins = Accounts("roomadmins");
        Owners = Accounts("roomowners");
        if (Owners is { Count: 0 }) _faults.Add("The room would have no owner.");
    }

    /// <summary>The configuration.</summary>
    public RoomConfig Config { get; }

    /// <summary>All admins that there shall be; null where the form does not say.</summary>
    public IReadOnlyList<Jid>? Admins { get; }

    /// <summary>All owners that there shall be; null where the form does not say.</summary>
    public IReadOnlyList<Jid>? Owners { get; }

    /// <summary>Reads a form.</summary>
    /// <param name="config">What there is.</param>
    /// <param name="form">The form.</param>
    /// <param name="rules">The bounds.</param>
    /// <param name="fault">What cannot be, for people; null if all can.</param>
    public static ConfigSubmission Read(RoomConfig config, DataForm form, RoomRules rules, out string? fault)
    {
        var submission = new ConfigSubmission(config, form, rules);
        fault = submission._faults.Count > 0 ? submission._faults[0] : null;
        return submission;
    }

    private string Text(string name, string now)
    {
        if (_form.Find(ConfigForm.Field(name)) is not { } field) return now;
        var text = string.Join('\n', field.Values);
        if (text.Length > _rules.MaxTextLength) _faults.Add($"{name} is too long.");
        return text;
    }

    private bool Flag(string name, bool now)
    {
        if (_form.Find(ConfigForm.Field(name)) is not { Values.Count: > 0 }) return now;
        if (_form.Flag(ConfigForm.Field(name)) is { } flag) return flag;
        _faults.Add($"{name} is yes or no.");
        return now;
    }

    private string? Password(string? now)
    {
        var isSaid = _form.Find(ConfigForm.Field("passwordprotectedroom")) is { Values.Count: > 0 };
        var secret = _form.Value(ConfigForm.Field("roomsecret"));
        if (secret?.Length > _rules.MaxTextLength) _faults.Add("The password is too long.");
        if (!isSaid) return secret is { Length: > 0 } ? secret : now;
        if (!Flag("passwordprotectedroom", now is not null)) return null;
        secret = secret is { Length: > 0 } ? secret : now;
        if (secret is null) _faults.Add("A password is needed.");
        return secret;
    }

    private T One<T>(string name, T now, params ReadOnlySpan<(string Word, T Value)> choices)
    {
        if (_form.Value(ConfigForm.Field(name)) is not { } value) return now;
        foreach (var (word, choice) in choices)
        {
            if (word == value) return choice;
        }

        _faults.Add($"{name} is none of its choices.");
        return now;
    }

    private RoleSet Roles(string name, RoleSet now)
    {
        if (_form.Find(ConfigForm.Field(name)) is not { } field) return now;
        var set = RoleSet.None;
        foreach (var word in field.Values)
        {
            if (Ranks.TryRole(word, out var role)) set |= RoleSets.Of(role);
            else _faults.Add($"{name} is none of its choices.");
        }

        return set;
    }

    private int? MaxUsers(int? now) => _form.Value(ConfigForm.Field("maxusers")) is "none" or "" ? null : Number("maxusers", now, 1, _rules.MaxOccupants);

    private int? Number(string name, int? now, int least, int most)
    {
        if (_form.Value(ConfigForm.Field(name)) is not { Length: > 0 } value) return now;
        if (int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) && number >= least && number <= most) return number;
        _faults.Add($"{name} is between {least} and {most}.");
        return now;
    }

    private List<Jid>? Accounts(string name)
    {
        if (_form.Find(ConfigForm.Field(name)) is not { } field) return null;
        List<Jid> accounts = [];
        foreach (var value in field.Values.Where(v => v.Length > 0))
        {
            if (Jid.TryParse(value, out var jid)) accounts.Add(jid.Bare);
            else _faults.Add($"{name} has something that is no address.");
        }

        return [.. accounts.Distinct()];
    }
}
