using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Moderation;

/// <summary>The <c>policy</c> element (docs/moderation.md). What a request does not mention stays.</summary>
public static class PolicyElement
{
    /// <summary>Writes all of a policy, for moderators.</summary>
    public static Element Write(RoomPolicy policy)
    {
        var e = new Element("policy", ModerationNames.Namespace).Attr("locked", Word(policy.IsLocked)).Attr("lobby", Word(policy.HasLobby)).Attr("members-only", Word(policy.IsMembersOnly))
            .Add("password", p => p.Text(policy.Password));
        return e.Add("members", m => m.Add(Addresses(policy.Members))).Add("moderators", m => m.Add(Addresses(policy.Moderators)));
    }

    /// <summary>Reads what is to change of a policy; null with the fault if it is none.</summary>
    public static RoomPolicy? Read(Element e, RoomPolicy now, out string? fault)
    {
        fault = null;
        if (!TryFlag(e["locked"], now.IsLocked, out var isLocked) || !TryFlag(e["lobby"], now.HasLobby, out var hasLobby) || !TryFlag(e["members-only"], now.IsMembersOnly, out var isMembersOnly))
        {
            fault = "'locked', 'lobby' and 'members-only' are true or false";
            return null;
        }

        var password = e.Child("password") is { } given ? given.Value.Length > 0 ? given.Value : null : now.Password;
        if (!IsPassword(password)) fault = $"a password has at most {RoomPolicy.MaxPassword} characters, and no spaces around it";
        var members = Read(e.Child("members"), now.Members);
        var moderators = Read(e.Child("moderators"), now.Moderators);
        if (members is null || moderators is null) fault = $"'members' and 'moderators' hold at most {RoomPolicy.MaxListed} accounts by their bare addresses";
        return fault is not null ? null : now with { IsLocked = isLocked, HasLobby = hasLobby, IsMembersOnly = isMembersOnly, Password = password, Members = members!, Moderators = moderators! };
    }

    /// <summary>Whether a text may be a password: people type it, or send it as a message.</summary>
    public static bool IsPassword(string? password) => password is null || (password.Length is > 0 and <= RoomPolicy.MaxPassword && password.Trim() == password && !password.Any(char.IsControl));

    /// <summary>Reads bare addresses of accounts; null if they are too many, or one is none.</summary>
    public static IReadOnlyList<Jid>? ReadAccounts(IEnumerable<string?> texts)
    {
        var accounts = new List<Jid>();
        foreach (var text in texts)
        {
            if (accounts.Count >= RoomPolicy.MaxListed || !Jid.TryParse(text, out var jid) || jid.Local is null) return null;
            if (!accounts.Contains(jid.Bare)) accounts.Add(jid.Bare);
        }

        return accounts;
    }

    private static IReadOnlyList<Jid>? Read(Element? list, IReadOnlyList<Jid> now) => list is null ? now : ReadAccounts(list.ChildrenNamed("account", ModerationNames.Namespace).Select(a => a["jid"]));

    private static IEnumerable<Element> Addresses(IEnumerable<Jid> accounts) => accounts.Select(a => new Element("account", ModerationNames.Namespace).Attr("jid", a.ToString()));

    private static string Word(bool isOn) => isOn ? "true" : "false";

    private static bool TryFlag(string? text, bool now, out bool isOn)
    {
        isOn = text switch
        {
            "true" or "1" => true,
            "false" or "0" => false,
            _ => now,
        };
        return text is null or "true" or "1" or "false" or "0";
    }
}
