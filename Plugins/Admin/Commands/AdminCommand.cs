using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.Admin.Commands;

/// <summary>A command of XEP-0133: for administrators alone, and what they do is logged (without names).</summary>
internal abstract class AdminCommand(string node, string name, Administrators administrators, ILogger log) : IServerCommand
{
    /// <summary>The form type of every command (XEP-0133 section 4).</summary>
    protected const string FormType = "http://jabber.org/protocol/admin";

    /// <inheritdoc/>
    public string Node { get; } = FormType + "#" + node;

    /// <inheritdoc/>
    public string Name { get; } = name;

    /// <inheritdoc/>
    public bool IsOpenTo(Jid account, string domain) => administrators.Has(account);

    /// <inheritdoc/>
    public virtual DataForm? Form(string domain) => null;

    /// <inheritdoc/>
    public async ValueTask<CommandResult> RunAsync(CommandCall call, CancellationToken ct)
    {
        var result = await DoAsync(call, ct);
        log.LogInformation("An administrator ran {Command}: {Outcome}", Node, result.Error?.Condition.ToString() ?? "done");
        log.LogDebug("It was {Account}", call.From);
        return result;
    }

    /// <summary>Does it.</summary>
    protected abstract ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct);

    /// <summary>A form to fill in.</summary>
    protected DataForm Ask(string instructions) => new("form", FormType) { Title = Name, Instructions = instructions };

    /// <summary>A form with what was found.</summary>
    protected DataForm Tell() => new("result", FormType) { Title = Name };

    /// <summary>Adds a field that must be filled in. Returns the form.</summary>
    protected static DataForm Require(DataForm form, string name, string type, string label) => form.Add(new FormField(name, type, []) { Label = label, IsRequired = true });

    /// <summary>An account of the domain that is asked; null if the text names none.</summary>
    protected static Jid? AccountOf(string? text, string domain) => Jid.TryParse(text, out var jid) && jid.Local is not null && jid.Domain == domain ? jid.Bare : null;

    /// <summary>The refusal of an address that is no account here.</summary>
    protected static CommandResult NoAccount(string domain) => CommandResult.Refuse(StanzaCondition.BadRequest, $"That is no address of an account at {domain}.");
}
