using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.Admin.Commands;

/// <summary>Writes to everybody who is online (XEP-0133 section 4.23).</summary>
internal sealed class Announce(IAccountManager accounts, Administrators administrators, ILogger<Announce> log) : AdminCommand("announce", "Announce to online users", administrators, log)
{
    private const int MaxCharacters = 10_000;

    /// <inheritdoc/>
    public override DataForm Form(string domain) =>
        Require(Ask($"Everybody of {domain} who is online receives it.").Add("subject", "text-single", null, "Subject"), "announcement", "text-multi", "Announcement");

    /// <inheritdoc/>
    protected override async ValueTask<CommandResult> DoAsync(CommandCall call, CancellationToken ct)
    {
        var text = string.Join('\n', call.Form.Values("announcement"));
        var subject = call.Form.Value("subject") ?? "";
        if (text.Length == 0 || text.Length + subject.Length > MaxCharacters) return CommandResult.Refuse(StanzaCondition.NotAcceptable, $"An announcement has between 1 and {MaxCharacters} characters.");
        var receivers = accounts.Sessions(call.Domain).Where(s => s.IsAvailable).ToList();
        // A headline is for those who are here, and kept for nobody. Side by side: none waits for another that does not read.
        await Task.WhenAll(receivers.Select(s => s.SendAsync(Message(call.Domain, s, subject, text), ct).AsTask()));
        return new CommandResult($"Sent to {receivers.Count}.");
    }

    private static Message Message(string domain, ISession to, string subject, string text)
    {
        var message = new Element("message", Ns.Client).Attr("from", domain).Attr("to", to.Jid.ToString()).Attr("type", "headline");
        if (subject.Length > 0) message.Add("subject", s => s.Text(subject));
        return new Message(message.Add("body", b => b.Text(text)));
    }
}
