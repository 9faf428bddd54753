using System.Globalization;
using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Registration.Invites;

/// <summary>Invites somebody to become one's contact, who may make an account for that (XEP-0401 section 3.2).</summary>
internal sealed class InviteContactCommand(InviteMaker maker, IOptionsMonitor<RegistrationOptions> options) : IServerCommand
{
    /// <inheritdoc/>
    public string Node => "urn:xmpp:invite#invite";

    /// <inheritdoc/>
    public string Name => "Invite a contact";

    /// <inheritdoc/>
    public bool IsOpenTo(Jid account, string domain) => account.Domain == domain && options.CurrentValue.MayInvite(account);

    /// <inheritdoc/>
    public DataForm? Form(string domain) => null;

    /// <inheritdoc/>
    public async ValueTask<CommandResult> RunAsync(CommandCall call, CancellationToken ct) =>
        InviteResult.Of(await maker.MakeAsync(call.Domain, call.From.Bare, isContact: true, null, null, ct));
}

/// <summary>Invites somebody to an account (XEP-0401 section 3.3).</summary>
internal sealed class InviteAccountCommand(InviteMaker maker, IOptionsMonitor<RegistrationOptions> options) : IServerCommand
{
    /// <inheritdoc/>
    public string Node => "urn:xmpp:invite#create-account";

    /// <inheritdoc/>
    public string Name => "Invite to a new account";

    /// <inheritdoc/>
    public bool IsOpenTo(Jid account, string domain) => account.Domain == domain && options.CurrentValue.MayInvite(account);

    /// <inheritdoc/>
    public DataForm Form(string domain) => new DataForm("form") { Title = Name }
        .Add("username", "text-single", null, "Name of the account; empty to let them choose")
        .Add("roster-subscription", false, "Become contacts");

    /// <inheritdoc/>
    public async ValueTask<CommandResult> RunAsync(CommandCall call, CancellationToken ct)
    {
        var user = call.Form.Value("username") is { Length: > 0 } name ? name : null;
        return InviteResult.Of(await maker.MakeAsync(call.Domain, call.From.Bare, isContact: call.Form.Flag("roster-subscription") == true || user is null, user, null, ct));
    }
}

file static class InviteResult
{
    public static CommandResult Of((Invitation? Invitation, string Fault) made)
    {
        if (made.Invitation is not { } invitation) return CommandResult.Refuse(StanzaCondition.NotAcceptable, made.Fault);
        var form = new DataForm("result", "urn:xmpp:invite#invitation").Add("uri", "text-single", invitation.Uri);
        if (invitation.Page is { } page) form.Add("landing-url", "text-single", page);
        return new CommandResult(Form: form.Add("expire", "text-single", invitation.Expires.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss'Z'", CultureInfo.InvariantCulture)));
    }
}
