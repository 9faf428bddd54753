using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Core.Xml;

namespace Parley.Plugins.FocusAgent.Tools;

/// <summary>Media tools for those whom the operator allows: ad-hoc commands (XEP-0050) on a room's address.</summary>
public sealed class ToolCommands(MediaTools tools, FocusServices services, HouseRules rules) : IIqHandler
{
    /// <summary>The namespace of the commands and their forms.</summary>
    public const string Namespace = "urn:parley:tools:0";

    private const string Connect = Namespace + "#connect", Disconnect = Namespace + "#disconnect";

    /// <summary>Whether a command is one of these.</summary>
    public static bool Has(string? node) => node is Connect or Disconnect;

    /// <summary>The commands of an address, for service discovery.</summary>
    public static IReadOnlyList<DiscoItem> ItemsOf(Jid address, RawUdpOptions options) =>
        options.Enabled && address.Local is not null ? [.. new[] { Connect, Disconnect }.Select(n => new DiscoItem(address, NameOf(n), n))] : [];

    /// <summary>What service discovery says of one; null if there is no such command.</summary>
    public static DiscoInfo? Describe(string? node, Jid address, RawUdpOptions options) => Has(node) && options.Enabled && address.Local is not null
        ? new DiscoInfo([new DiscoIdentity("automation", "command-node", NameOf(node!))], [ReservationNames.Commands, ReservationNames.Forms]) : null;

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        var command = iq.Payload;
        var options = services.Options.RawUdp;
        if (!options.Enabled || iq.To.Local is null) return iq.Error(StanzaCondition.ItemNotFound);
        if (!options.Allows(iq.From)) return iq.Error(StanzaCondition.Forbidden, "you are not among Plugins:FocusAgent:RawUdp:AllowedAccounts");
        if (!CommandAnswers.IsToRun(iq, out var reply)) return reply!.Value;
        var room = iq.To.Bare;
        var here = tools.List().Where(t => t.Room == room).ToList();
        var isConnect = command["node"] == Connect;
        if (!isConnect && here.Count == 0) return iq.Error(StanzaCondition.ItemNotFound, "no tool is in this room");
        if (command.Child("x", ReservationNames.Forms) is not { } form)
        {
            if (services.Relay is not { } relay) return iq.Error(StanzaCondition.ServiceUnavailable, "there is no media relay");
            return iq.Result(CommandAnswers.Ask(command, isConnect ? ToolForms.AskConnect(room, relay.Capabilities) : ToolForms.AskDisconnect(room, here)));
        }

        if (form["type"] == "cancel") return iq.Result(CommandAnswers.Answer(command, "canceled"));
        if (form["type"] != "submit") return CommandAnswers.Bad(iq, "bad-payload");
        return isConnect ? await ConnectAsync(iq, command, form, room, ct) : await DisconnectAsync(iq, command, form, here, ct);
    }

    private async ValueTask<IqReply> ConnectAsync(IqRequest iq, Element command, Element form, Jid room, CancellationToken ct)
    {
        if (ToolForms.ReadConnect(form, room) is not { } request) return CommandAnswers.Bad(iq, "bad-payload");
        var caller = new Caller(iq.Sender.Kind, iq.Sender.RemoteAddress, Tie: await rules.Ties.LookAsync(room, iq.From, ct));
        var made = await tools.ConnectAsync(request, new ToolOwner(iq.From, caller), ct);
        return made.Result switch
        {
            MediaToolResult.Done => iq.Result(CommandAnswers.Answer(command, "completed").Add(ToolForms.Show(made))),
            MediaToolResult.Off => iq.Error(StanzaCondition.ServiceUnavailable, made.Text),
            MediaToolResult.NoRoom => iq.Error(StanzaCondition.ItemNotFound, made.Text),
            MediaToolResult.NotAllowed => iq.Error(StanzaCondition.NotAllowed, made.Text),
            MediaToolResult.Impossible => iq.Error(StanzaCondition.NotAcceptable, made.Text),
            _ => iq.Error(StanzaCondition.ResourceConstraint, made.Text),
        };
    }

    private async ValueTask<IqReply> DisconnectAsync(IqRequest iq, Element command, Element form, List<MediaTool> here, CancellationToken ct)
    {
        // Whoever may speak to this room's tools may not thereby speak to another's.
        var id = ReservationForms.Value(form, "id");
        if (!here.Exists(t => t.Id == id)) return iq.Error(StanzaCondition.ItemNotFound, "no such tool is in this room");
        await tools.DisconnectAsync(id!, ct);
        return iq.Result(CommandAnswers.Done(command, "The tool is out of the call."));
    }

    private static string NameOf(string node) => node == Connect ? "Connect a media tool" : "Take a media tool out";
}
