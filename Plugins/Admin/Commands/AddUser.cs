using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Adds an account (XEP-0133 section 4.1).</summary>
internal sealed class AddUser(IAccountManager accounts, Administrators administrators, ILogger<AddUser> log) : AdminCommand("add-user", "Add a user", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain)
    {
        var form = Require(Ask($"An account at {domain}."), "accountjid", "jid-single", "Address");
        return Require(Require(form, "password", "text-private", "Password"), "password-verify", "text-private", "Password again");
    }

    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct)
    {
        if (AccountOf(call.Form.Value("accountjid"), call.Domain) is not { } account) return NoAccount(call.Domain);
        var password = call.Form.Value("password") ?? "";
        if (call.Form.Find("password-verify") is not null && call.Form.Value("password-verify") != password) return CommandResult.Refuse(StanzaCondition.BadRequest, "The passwords differ.");
        try
        {
            return await accounts.AddAsync(account, password, ct) ? new CommandResult($"Added {account}.") : CommandResult.Refuse(StanzaCondition.Conflict, "This account exists already.");
        }
        catch (ArgumentException)
        {
            return CommandResult.Refuse(StanzaCondition.NotAcceptable, "That password cannot be used.");
        }
    }
}
