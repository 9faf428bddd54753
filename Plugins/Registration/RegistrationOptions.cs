using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Registration;

/// <summary>Who may make an account.</summary>
public enum RegistrationMode
{
    /// <summary>The operator alone.</summary>
    Closed,
    /// <summary>Whoever is invited.</summary>
    Invite,
    /// <summary>Everybody.</summary>
    Open,
}

/// <summary>The section <c>Plugins:Registration</c>.</summary>
public sealed class RegistrationOptions
{
    /// <summary>Who may make an account from a client.</summary>
    public RegistrationMode Mode { get; set; } = RegistrationMode.Closed;

    /// <summary>Accounts that may invite; <c>*</c> for all. The operator always may.</summary>
    public IList<string> Inviters { get; init; } = [];

    /// <summary>Open invitations of one account.</summary>
    public int InvitesPerAccount { get; set; } = 20;

    /// <summary>How long an invitation is good for.</summary>
    public TimeSpan InviteLifetime { get; set; } = TimeSpan.FromDays(7);

    /// <summary>Attempts to make an account, or to use an invitation, in an hour from one network address (of IPv6: one /64).</summary>
    public int PerAddressPerHour { get; set; } = 5;

    /// <summary>The address that people reach <c>/invite</c> at, where it is not the domain's at the https port.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Whether an account may invite.</summary>
    internal bool MayInvite(Jid account) => Mode != RegistrationMode.Closed && Inviters.Any(i => i == "*" || (Jid.TryParse(i, out var jid) && jid == account));

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(RegistrationOptions options)
    {
        if (options.Inviters.Count > 1000) yield return "Inviters: must be at most 1000.";
        for (var i = 0; i < options.Inviters.Count; i++)
        {
            if (options.Inviters[i] != "*" && (!Jid.TryParse(options.Inviters[i], out var jid) || jid.Local is null || !jid.IsBare)) yield return $"Inviters:{i}: must be an account, such as ann@example.org, or * for all.";
        }

        if (options.InvitesPerAccount is < 1 or > 10_000) yield return "InvitesPerAccount: must be between 1 and 10000.";
        if (options.InviteLifetime < TimeSpan.FromMinutes(1) || options.InviteLifetime > TimeSpan.FromDays(365)) yield return "InviteLifetime: must be between 00:01:00 and 365.00:00:00.";
        if (options.PerAddressPerHour is < 1 or > 100_000) yield return "PerAddressPerHour: must be between 1 and 100000.";
        if (options.BaseUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http")) yield return "BaseUrl: must be an address such as https://chat.example.org/invite.";
    }
}
