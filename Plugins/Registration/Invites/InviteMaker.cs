using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Makes invitations.</summary>
internal sealed class InviteMaker(InviteStore store, IAccountStore accounts, IServerInfo server, IOptionsMonitor<RegistrationOptions> options, TimeProvider time)
{
    /// <summary>Makes one; null, with the reason for people, if there can be none.</summary>
    /// <param name="domain">The served domain.</param>
    /// <param name="by">The account that invites, whose open invitations are counted; null: the operator.</param>
    /// <param name="isContact">Whether the newcomer becomes that account's contact.</param>
    /// <param name="user">The name that the account must have; null: the newcomer chooses.</param>
    /// <param name="lifetime">How long it is good for; null: as configured.</param>
    /// <param name="ct">Gives up waiting.</param>
    public async ValueTask<(Invitation? Invitation, string Fault)> MakeAsync(string domain, Jid? by, bool isContact, string? user, TimeSpan? lifetime, CancellationToken ct)
    {
        var o = options.CurrentValue;
        if (o.Mode == RegistrationMode.Closed) return (null, "Nobody can make an account here: Plugins:Registration:Mode is Closed.");
        if (!server.Domains.Contains(domain)) return (null, $"{domain} is not served here.");
        var life = lifetime ?? o.InviteLifetime;
        if (life <= TimeSpan.Zero || life > TimeSpan.FromDays(365)) return (null, "An invitation lasts at most 365 days.");
        var now = time.GetUtcNow();
        if (user is not null)
        {
            if (!Jid.TryCreate(user, domain, null, out var account) || account.Local is null) return (null, "That is no name for an account.");
            if (await accounts.ExistsAsync(account, ct) || await store.IsReservedAsync(account, null, now, ct)) return (null, "That name is taken.");
            user = account.Local;
        }

        var token = Invite.MakeToken();
        var invite = new Invite(Invite.KeyOf(token)!, domain, isContact ? by : null, by, user, now + life);
        if (!await store.AddAsync(invite, o.InvitesPerAccount, now, ct)) return (null, "There are as many open invitations as there may be.");
        return (new Invitation(invite.UriOf(token), PageOf(domain, token), invite.Expires), "");
    }

    private string? PageOf(string domain, string token)
    {
        if (options.CurrentValue.BaseUrl is { Length: > 0 } url) return $"{url.TrimEnd('/')}/{token}";
        return server.HttpsPort switch
        {
            null or 0 => null,
            443 => $"https://{domain}{RegistrationPlugin.Prefix}/{token}",
            var port => $"https://{domain}:{port}{RegistrationPlugin.Prefix}/{token}",
        };
    }
}

/// <summary>Invitations that the operator makes.</summary>
internal sealed class OperatorInvitations(InviteMaker maker) : IInvitations
{
    /// <inheritdoc/>
    public ValueTask<(Invitation? Invitation, string Fault)> CreateAsync(string domain, string? user, TimeSpan? lifetime, CancellationToken ct = default) => maker.MakeAsync(domain, null, isContact: false, user, lifetime, ct);
}
