using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Commands;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Recordings for people: ad-hoc commands (XEP-0050) at a room's address, without a form.</summary>
public sealed class RecordingCommands(RecordingDesk desk) : IIqHandler
{
    /// <summary>The nodes.</summary>
    public static IReadOnlyList<string> Nodes { get; } = [RecordingNames.Start, RecordingNames.Stop, RecordingNames.List, RecordingNames.StartComposed];

    /// <inheritdoc/>
    public async ValueTask<IqReply> HandleAsync(IqRequest iq, CancellationToken ct)
    {
        if (!CommandAnswers.IsToRun(iq, out var reply)) return reply!.Value;
        var room = iq.To.Bare;
        if (iq.Payload["node"] == RecordingNames.List)
        {
            if (await desk.SinceAsync(room, iq.From, iq.Sender.Kind, ct) is not { } since) return iq.Error(StanzaCondition.Forbidden, "Only moderators may have a room's recordings.");
            return iq.Result(CommandAnswers.Done(iq.Payload, desk.Link(room, since) is { } link ? $"{desk.List(room, since).Count} recordings: {link}" : "This server has no https, so that there is no link."));
        }

        var isComposed = iq.Payload["node"] == RecordingNames.StartComposed;
        var isStart = isComposed || iq.Payload["node"] == RecordingNames.Start;
        if (await desk.RunAsync(room, isStart, iq.From, iq.Sender.Kind, ct, isComposed ? RecordedMix.Picture : null) is { } error) return iq.Error(error);
        return iq.Result(CommandAnswers.Done(iq.Payload, isStart ? "The call is recorded, and everybody in it is told." : "The recording has ended."));
    }

    /// <summary>The name of a command of an address; null if it has none of that node.</summary>
    public static string? NameOf(string? node, Jid address) => address.Local is null ? null : node switch
    {
        RecordingNames.Start => "Record this call",
        RecordingNames.StartComposed => "Record this call, with everybody in one picture",
        RecordingNames.Stop => "End the recording of this call",
        RecordingNames.List => "Recordings of this room",
        _ => null,
    };
}
