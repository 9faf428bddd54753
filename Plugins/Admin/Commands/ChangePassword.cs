using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Gives an account another password and ends its sessions (XEP-0133 section 4.7).</summary>
internal sealed class ChangePassword(IAccountManager accounts, Administrators administrators, ILogger<ChangePassword> log) : AdminCommand("change-user-password", "Change a user's password", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain) =>
        Require(Require(Ask("Its sessions end."), "accountjid", "jid-single", "Address"), "password", "text-private", "New password");

    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct)
    {
        if (AccountOf(call.Form.Value("accountjid"), call.Domain) is not { } account) return NoAccount(call.Domain);
        try
        {
            return await accounts.SetPasswordAsync(account, call.Form.Value("password") ?? "", ct)
                ? new CommandResult($"Changed the password of {account}.") : CommandResult.Refuse(StanzaCondition.ItemNotFound, "There is no such account.");
        }
        catch (ArgumentException)
        {
            return CommandResult.Refuse(StanzaCondition.NotAcceptable, "That password cannot be used.");
        }
    }
}
