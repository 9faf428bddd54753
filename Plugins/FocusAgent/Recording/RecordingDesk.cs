using Parley.Plugin.Abstractions;
using Parley.Plugins.FocusAgent.Moderation;
using Parley.Plugins.FocusAgent.Rooms;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>Begins and ends recordings for whoever may: moderators of a room, and the operator.</summary>
public sealed class RecordingDesk(RecordingBook book, RecordingLinks links, ModerationDoor moderation, FocusServices services) : IRoomRecordings
{
    private const string Operator = "the operator";

    /// <summary>Does it for somebody.</summary>
    /// <param name="room">The room.</param>
    /// <param name="isStart">Whether it begins.</param>
    /// <param name="from">Who asks.</param>
    /// <param name="kind">What they are.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="mix">What there is of everybody together; null for what the settings say.</param>
    /// <returns>The error; null when done.</returns>
    public async ValueTask<StanzaError?> RunAsync(Jid room, bool isStart, Jid from, SenderKind kind, CancellationToken ct, RecordedMix? mix = null)
    {
        if (!await moderation.MayModerateAsync(room, from, kind, ct)) return new StanzaError(StanzaCondition.Forbidden, "Only moderators may do that.");
        return await RunAsync(room, isStart, r => r.Participants.FirstOrDefault(p => p.Legs.Any(l => l.Peer == from))?.Name ?? from.Local ?? "a moderator", mix, ct);
    }

    /// <summary>Since when somebody may have a room's recordings; null for not at all.</summary>
    public async ValueTask<DateTimeOffset?> SinceAsync(Jid room, Jid from, SenderKind kind, CancellationToken ct) =>
        kind == SenderKind.Account && await moderation.MayModerateAsync(room, from, kind, ct) ? await moderation.SinceAsync(room, from, ct) : null;

    /// <inheritdoc/>
    public async ValueTask<string?> StartAsync(Jid room, RecordedMix? mix = null, CancellationToken ct = default) => Words(await RunAsync(room.Bare, true, _ => Operator, mix, ct));

    /// <inheritdoc/>
    public async ValueTask<string?> StopAsync(Jid room, CancellationToken ct = default) => Words(await RunAsync(room.Bare, false, _ => Operator, null, ct));

    /// <inheritdoc/>
    public IReadOnlyList<RoomRecording> List(Jid? room = null) => List(room, DateTimeOffset.UnixEpoch);

    /// <summary>The recordings of a room that did not begin before a time.</summary>
    public IReadOnlyList<RoomRecording> List(Jid? room, DateTimeOffset since) => [.. book.List(room?.Bare, since).Select(i => new RoomRecording(i.Id, Jid.Parse(i.Room), i.Start, i.End, i.Files.Sum(f => f.Bytes)))];

    /// <inheritdoc/>
    public string? Link(Jid? room = null) => Link(room, DateTimeOffset.UnixEpoch);

    /// <summary>A link to the recordings of a room that did not begin before a time.</summary>
    public string? Link(Jid? room, DateTimeOffset since) => links.Make(room?.Bare, since, DomainOf(room));

    /// <summary>The served domain of a room.</summary>
    public string DomainOf(Jid? room) => services.Server.Domains.FirstOrDefault(d => room is not null && room.Domain.EndsWith("." + d, StringComparison.Ordinal)) ?? services.Server.Domains[0];

    private async ValueTask<StanzaError?> RunAsync(Jid room, bool isStart, Func<CallRoom, string> by, RecordedMix? mix, CancellationToken ct)
    {
        var answer = await moderation.AskAsync(room, r => new Done(isStart ? r.Recorder.Start(by(r), mix) : r.Recorder.Stop()), ct);
        return answer is null ? new StanzaError(StanzaCondition.ItemNotFound, "Nobody is in that call.") : answer.Error;
    }

    private static string? Words(StanzaError? error) => error is null ? null : error.Text ?? error.Condition.ToString();

    private sealed record Done(StanzaError? Error);
}
