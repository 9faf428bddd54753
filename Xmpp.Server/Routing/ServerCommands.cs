using System.Buffers.Text;
using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core;
using Parley.Xmpp.Core.AdHoc;
using Parley.Xmpp.Core.Forms;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Xmpp.Server.Routing;

/// <summary>Lists and runs the ad-hoc commands of served domains that plugins contribute (XEP-0050). A command has one form at most, so nothing is kept between its steps.</summary>
internal sealed class ServerCommands(PluginCalls calls, ILogger<ServerCommands> log, IContributions<IServerCommand>? plugins = null)
{
    private const int MaxSession = 100;

    /// <summary>Answers what is about commands; null if the request is about something else, or nobody offers any.</summary>
    public async ValueTask<Outcome?> AnswerAsync(Iq iq, string domain, SenderInfo sender, CancellationToken ct)
    {
        var payload = iq.Payload!;
        var node = payload["node"];
        if (node is null || plugins?.Items is not { Count: > 0 } all) return null;
        var command = all.FirstOrDefault(c => c.Node == node);
        var isOpen = command is not null && sender.Kind == SenderKind.Account && command.IsOpenTo(iq.From!.Bare, domain);
        if (iq.Type == "set" && payload.Is("command", AdHocCommand.Namespace)) return isOpen ? await RunAsync(iq, command!, domain, ct) : Refuse(command is null ? StanzaCondition.ItemNotFound : StanzaCondition.Forbidden);
        if (iq.Type != "get" || payload.Name != "query") return null;
        if (payload.Namespace == Ns.DiscoItems && node == AdHocCommand.Namespace) return Outcome.Reply(iq.Result(List(iq, all, domain, sender)));
        if (payload.Namespace != Ns.DiscoInfo) return null;
        if (node == AdHocCommand.Namespace) return Outcome.Reply(iq.Result(new DiscoInfo([new DiscoIdentity("automation", "command-list", "Commands")], []).ToElement(node)));
        if (command is null) return null;
        // Section 2.3.
        return isOpen ? Outcome.Reply(iq.Result(new DiscoInfo([new DiscoIdentity("automation", "command-node", command.Name)], [AdHocCommand.Namespace, DataForm.Namespace]).ToElement(node))) : Refuse(StanzaCondition.Forbidden);
    }

    private static Element List(Iq iq, IReadOnlyList<IServerCommand> all, string domain, SenderInfo sender)
    {
        var query = new Element("query", Ns.DiscoItems).Attr("node", AdHocCommand.Namespace);
        foreach (var command in all.Where(c => sender.Kind == SenderKind.Account && c.IsOpenTo(iq.From!.Bare, domain)).OrderBy(c => c.Name, StringComparer.Ordinal))
        {
            query.Add("item", i => i.Attr("jid", domain).Attr("node", command.Node).Attr("name", command.Name));
        }

        return query;
    }

    private async ValueTask<Outcome> RunAsync(Iq iq, IServerCommand command, string domain, CancellationToken ct)
    {
        var (step, form) = AdHocCommand.Read(iq.Payload!);
        var session = iq.Payload!["sessionid"] is { Length: > 0 and <= MaxSession } given ? given : Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(9));
        switch (step)
        {
            case AdHocCommand.Step.Cancel:
                return Outcome.Reply(iq.Result(AdHocCommand.Canceled(command.Node, session)));
            case AdHocCommand.Step.Begin when command.Form(domain) is { } ask:
                return Outcome.Reply(iq.Result(AdHocCommand.Ask(command.Node, session, ask)));
            case AdHocCommand.Step.Begin or AdHocCommand.Step.Submit:
                break;
            default:
                return new Outcome(AdHocCommand.Fault(step), null);
        }

        try
        {
            var result = await calls.CallAsync(c => command.RunAsync(new CommandCall(iq.From!, domain, form ?? new DataForm("submit")), c), ct);
            return result.Error is { } error ? new Outcome(error, null) : Outcome.Reply(iq.Result(AdHocCommand.Completed(command.Node, session, result.Form, result.Note)));
        }
        catch (Exception e) when (e is not OperationCanceledException || !ct.IsCancellationRequested)
        {
            log.LogError(e, "The command {Node} failed", command.Node);
            return Refuse(StanzaCondition.InternalServerError);
        }
    }

    private static Outcome Refuse(StanzaCondition condition) => Outcome.Refuse(condition);
}
