using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Removes accounts with all that belongs to them (XEP-0133 section 4.2).</summary>
internal sealed class DeleteUser(IAccountManager accounts, Administrators administrators, ILogger<DeleteUser> log) : AdminCommand("delete-user", "Delete users", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain) => Require(Ask("Everything of theirs goes, for good."), "accountjids", "jid-multi", "Addresses");

    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct)
    {
        var named = call.Form.Values("accountjids");
        if (named.Count == 0) return NoAccount(call.Domain);
        foreach (var text in named)
        {
            if (AccountOf(text, call.Domain) is not { } account) return NoAccount(call.Domain);
            if (account == call.From.Bare) return CommandResult.Refuse(StanzaCondition.NotAllowed, "That is your own account.");
        }

        var removed = 0;
        foreach (var text in named)
        {
            if (await accounts.RemoveAsync(AccountOf(text, call.Domain)!, ct)) removed++;
        }

        return removed > 0 ? new CommandResult($"Removed {removed} of {named.Count}.") : CommandResult.Refuse(StanzaCondition.ItemNotFound, "There is no such account.");
    }
}
