using System.Globalization;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Forms;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Tells how many accounts there are (XEP-0133 section 4.9).</summary>
internal sealed class RegisteredNumber(IAccountManager accounts, Administrators administrators, ILogger<RegisteredNumber> log) : AdminCommand("get-registered-users-num", "Number of registered users", administrators, log)
{
    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct) =>
        new(Form: Tell().Add("registeredusersnum", "text-single", (await accounts.ListAsync(call.Domain, ct)).Count.ToString(CultureInfo.InvariantCulture)));
}

/// <summary>Tells how many accounts are online (XEP-0133 section 4.11).</summary>
internal sealed class OnlineNumber(IAccountManager accounts, Administrators administrators, ILogger<OnlineNumber> log) : AdminCommand("get-online-users-num", "Number of online users", administrators, log)
{
    /// <inheritdoc/>
    protected override ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct) =>
        new(new CommandResult(Form: Tell().Add("onlineusersnum", "text-single", accounts.Sessions(call.Domain).Select(s => s.Jid.Bare).Distinct().Count().ToString(CultureInfo.InvariantCulture))));
}

/// <summary>Lists accounts (XEP-0133 section 4.14).</summary>
internal sealed class RegisteredUsers(IAccountManager accounts, Administrators administrators, ILogger<RegisteredUsers> log) : AdminCommand("get-registered-users-list", "List registered users", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain) => Lists.Ask(Ask($"Accounts at {domain}, in order."));

    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct) =>
        new(Form: Tell().Add(new FormField("registereduserjids", "jid-multi", [.. (await accounts.ListAsync(call.Domain, ct)).Select(j => j.ToString()).Take(Lists.Max(call.Form))])));
}

/// <summary>Lists who is online (XEP-0133 section 4.16).</summary>
internal sealed class OnlineUsers(IAccountManager accounts, Administrators administrators, ILogger<OnlineUsers> log) : AdminCommand("get-online-users-list", "List online users", administrators, log)
{
    /// <inheritdoc/>
    public override DataForm Form(string domain) => Lists.Ask(Ask($"Who of {domain} is online, in order."));

    /// <inheritdoc/>
    protected override ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct) => new(new CommandResult(Form: Tell().Add(new FormField("onlineuserjids", "jid-multi",
        [.. accounts.Sessions(call.Domain).Select(s => s.Jid.Bare.ToString()).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).Take(Lists.Max(call.Form))]))));
}

file static class Lists
{
    // As much as fits into a stanza that clients take.
    private const int Most = 1000;

    public static DataForm Ask(DataForm form) => form.Add(new FormField("max_items", "list-single", ["100"]) { Label = "At most", Options = [("25", "25"), ("100", "100"), ("1000", "1000")] });

    public static int Max(DataForm form) => int.TryParse(form.Value("max_items"), NumberStyles.None, CultureInfo.InvariantCulture, out var max) && max is > 0 and <= Most ? max : Most;
}
