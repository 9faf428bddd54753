using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugin.Abstractions;

/// <summary>An ad-hoc command of served domains (XEP-0050), with a form to fill in first or none; contributed by plugins.</summary>
public interface IServerCommand
{
    /// <summary>The node that it is called by.</summary>
    string Node { get; }

    /// <summary>What people read in a list of commands.</summary>
    string Name { get; }

    /// <summary>Whether an account of this server may run it at a domain; to others it does not exist. Does not block.</summary>
    bool IsOpenTo(Jid account, string domain);

    /// <summary>The form to fill in first, of type <c>form</c>; null: it runs at once. Does not block.</summary>
    DataForm? Form(string domain);

    /// <summary>Runs it. An exception is logged and answered by <c>internal-server-error</c>.</summary>
    ValueTask<CommandResult> RunAsync(CommandCall call, CancellationToken ct);
}

/// <summary>A call of a command.</summary>
/// <param name="From">Who calls: the full address of a session of this server.</param>
/// <param name="Domain">The domain that is asked.</param>
/// <param name="Form">What was filled in; an empty form where there is none to fill in.</param>
public sealed record CommandCall(Jid From, string Domain, DataForm Form);

/// <summary>What came of a command.</summary>
/// <param name="Note">What people read; null for nothing.</param>
/// <param name="Form">What it found, of type <c>result</c>; null for nothing.</param>
/// <param name="Error">Why it could not be done; then nothing else counts.</param>
public sealed record CommandResult(string? Note = null, DataForm? Form = null, StanzaError? Error = null)
{
    /// <summary>It could not be done.</summary>
    public static CommandResult Refuse(StanzaCondition condition, string text) => new(Error: new StanzaError(condition, text));
}
