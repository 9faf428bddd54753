using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Ends sessions (XEP-0133 section 4.6): of an account all, of a full address that one.</summary>
internal sealed class EndSession(IAccountManager accounts, Administrators administrators, ILogger<EndSession> log) : AdminCommand("end-user-session", "End users' sessions", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain) => Require(Ask("Accounts, or single sessions by their full address."), "accountjids", "jid-multi", "Addresses");

    /// <inheritdoc/>
    protected override ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct)
    {
        var named = new HashSet<Jid>();
        foreach (var text in call.Form.Values("accountjids"))
        {
            if (!Jid.TryParse(text, out var jid) || jid.Local is null || jid.Domain != call.Domain) return new(NoAccount(call.Domain));
            named.Add(jid);
        }

        if (named.Count == 0) return new(NoAccount(call.Domain));
        var ended = accounts.Sessions(call.Domain).Where(s => named.Contains(s.Jid) || named.Contains(s.Jid.Bare)).Count(s => accounts.End(s.Id));
        return new(ended > 0 ? new CommandResult($"Ended {ended}.") : CommandResult.Refuse(StanzaCondition.ItemNotFound, "There is no such session."));
    }
}
