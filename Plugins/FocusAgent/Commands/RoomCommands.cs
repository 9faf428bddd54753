using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Recording;
using Parley.Plugins.FocusAgent.Reservations;
using Parley.Plugins.FocusAgent.Rooms.Ringing;
using Parley.Plugins.FocusAgent.Tools;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Commands;

/// <summary>The ad-hoc commands of call rooms and of their service (XEP-0050): reservations, moderation, recordings, media tools, calling people, and what is seen.</summary>
public sealed class RoomCommands(ReservationCommands reservations, ModerationCommands moderation, RecordingCommands recordings, ToolCommands tools, RingCommand ring, ViewCommand view) : IIqHandler
{
    private static readonly string[] Nodes = [RingCommand.Node, ViewCommand.Node, ReservationNames.Reserve, ReservationNames.Release, ReservationNames.List, ModerationNames.Policy, ModerationNames.Act, ModerationNames.End, .. RecordingCommands.Nodes];

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (ToolCommands.Has(iq.Payload["node"])) return await tools.HandleAsync(iq, ct);
        if (NameOf(iq.Payload["node"], iq.To) is null) return iq.Error(StanzaCondition.ItemNotFound);
        if (iq.Payload["node"] == RingCommand.Node) return await ring.HandleAsync(iq, ct);
        if (iq.Payload["node"] == ViewCommand.Node) return await view.HandleAsync(iq, ct);
        if (RecordingCommands.NameOf(iq.Payload["node"], iq.To) is not null) return await recordings.HandleAsync(iq, ct);
        return ModerationCommands.NameOf(iq.Payload["node"], iq.To) is not null ? await moderation.HandleAsync(iq, ct) : await reservations.HandleAsync(iq, ct);
    }

    /// <summary>The name of a command of an address; null if it has none of that node.</summary>
    public static string? NameOf(string? node, Jid address) => RingCommand.NameOf(node, address) ?? ViewCommand.NameOf(node, address) ?? ModerationCommands.NameOf(node, address) ?? RecordingCommands.NameOf(node, address) ?? ReservationCommands.NameOf(node, address);

    /// <summary>The commands of an address, for service discovery (XEP-0050 section 2.2).</summary>
    public static IReadOnlyList<DiscoItem> ItemsOf(Jid address) => [.. Nodes.Where(n => NameOf(n, address) is not null).Select(n => new DiscoItem(address, NameOf(n, address), n))];

    /// <summary>What service discovery says of a command, or of the list of them (XEP-0050 sections 2.2 and 2.3); null if there is no such node.</summary>
    public static DiscoInfo? Describe(string node, Jid address) => node == ReservationNames.Commands
        ? new DiscoInfo([new DiscoIdentity("automation", "command-list", "Commands")], [])
        : NameOf(node, address) is { } name ? new DiscoInfo([new DiscoIdentity("automation", "command-node", name)], [ReservationNames.Commands, ReservationNames.Forms]) : null;
}
