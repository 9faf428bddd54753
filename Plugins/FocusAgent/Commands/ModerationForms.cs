using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Commands;

/// <summary>The forms of moderation's commands (XEP-0004).</summary>
internal static class ModerationForms
{
    private static readonly (string Value, string Label)[] Acts =
    [
        ("mute", "Mute the microphone"), ("hold", "Mute the microphone until a moderator lifts it"), ("unmute", "Let speak again"), ("kick", "Remove from the call"),
        ("grant", "Make a moderator"), ("revoke", "Make no moderator any more"), ("admit", "Let in who waits"), ("deny", "Turn away who waits"),
    ];

    /// <summary>Asks who may enter.</summary>
    public static Element AskPolicy(Jid room, RoomPolicy policy) => new DataForm("form", ModerationNames.Policy) { Title = $"Who may enter {room}" }
        .Add("locked", policy.IsLocked, "Nobody new but moderators")
        .Add("lobby", policy.HasLobby, "Newcomers wait to be let in")
        .Add("members-only", policy.IsMembersOnly, "Members only")
        .Add("password", "text-single", policy.Password ?? "", "Password (empty for none)")
        .Add(new FormField("members", "jid-multi", [.. policy.Members.Select(m => m.ToString())]) { Label = "Members" })
        .Add(new FormField("moderators", "jid-multi", [.. policy.Moderators.Select(m => m.ToString())]) { Label = "Moderators" })
        .ToElement();

    /// <summary>Reads what is to hold; what a form leaves out stays. Null if it is no policy.</summary>
    public static RoomPolicy? ReadPolicy(DataForm form, RoomPolicy now)
    {
        foreach (var name in new[] { "locked", "lobby", "members-only" })
        {
            if (form.Find(name) is not null && form.Flag(name) is null) return null;
        }

        var password = form.Find("password") is null ? now.Password : form.Value("password") is { Length: > 0 } given ? given : null;
        var members = form.Find("members") is null ? now.Members : PolicyElement.ReadAccounts(Filled(form, "members"));
        var moderators = form.Find("moderators") is null ? now.Moderators : PolicyElement.ReadAccounts(Filled(form, "moderators"));
        if (members is null || moderators is null || !PolicyElement.IsPassword(password)) return null;
        return new RoomPolicy
        {
            IsLocked = form.Flag("locked") ?? now.IsLocked,
            HasLobby = form.Flag("lobby") ?? now.HasLobby,
            IsMembersOnly = form.Flag("members-only") ?? now.IsMembersOnly,
            Password = password,
            Members = members,
            Moderators = moderators,
        };
    }

    /// <summary>Who is there and who waits, as choices.</summary>
    public static IReadOnlyList<(string Value, string Label)> People(CallRoom room) =>
    [
        .. room.Participants.Select(p => ($"participant {p.Id}", Label(p.Name, p.IsGuest ? null : p.Address.Bare))),
        .. room.Waiting.Select(w => ($"caller {w.Id}", Label(w.Name, w.Caller.Kind == SenderKind.Guest ? null : w.Call.Peer.Bare) + ", waits")),
    ];

    /// <summary>Asks what to do with whom.</summary>
    public static Element AskAct(Jid room, IReadOnlyList<(string Value, string Label)> people) => new DataForm("form", ModerationNames.Act) { Title = $"People in {room}" }
        .Add(Choice("who", "Who", people)).Add(Choice("what", "What", Acts)).ToElement();

    /// <summary>The act that a form asks for; null if it is none.</summary>
    public static Element? ReadAct(DataForm form)
    {
        if (form.Value("who")?.Split(' ', 2) is not [("participant" or "caller") and var kind, var id] || !Acts.Any(a => a.Value == form.Value("what"))) return null;
        var what = form.Value("what")!;
        return new Element(what == "hold" ? "mute" : what, ModerationNames.Namespace).Attr(kind, id).Attr("held", what == "hold" ? "true" : null);
    }

    private static string Label(string name, Jid? account) => account is null ? $"{name} (guest)" : $"{name} ({account})";

    private static IEnumerable<string> Filled(DataForm form, string name) => form.Values(name).Where(v => v.Trim().Length > 0).Select(v => v.Trim());

    private static FormField Choice(string name, string label, IReadOnlyList<(string Value, string Label)> choices) =>
        new(name, "list-single", []) { Label = label, Options = [.. choices.Select(c => ((string?)c.Label, c.Value))] };
}
