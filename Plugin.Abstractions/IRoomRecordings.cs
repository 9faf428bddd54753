using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugin.Abstractions;

/// <summary>Recordings of call rooms, contributed by the plugin that serves them; for the operator.</summary>
public interface IRoomRecordings
{
    /// <summary>Begins to record a call that is held. Everybody in it is told.</summary>
    /// <returns>Why not, in words; null once it runs.</returns>
    /// <param name="room">The room.</param>
    /// <param name="mix">What there is of everybody together; null for what the settings say.</param>
    /// <param name="ct">Gives up.</param>
    ValueTask<string?> StartAsync(Jid room, RecordedMix? mix = null, CancellationToken ct = default);

    /// <summary>Ends the recording of a call.</summary>
    /// <returns>Why not, in words; null once it has ended.</returns>
    ValueTask<string?> StopAsync(Jid room, CancellationToken ct = default);

    /// <summary>The recordings there are, oldest first; of one room, or (null) of all.</summary>
    IReadOnlyList<RoomRecording> List(Jid? room = null);

    /// <summary>A link, good for a while, to the recordings of a room, or (null) of all; null while this server has no https.</summary>
    string? Link(Jid? room = null);
}

/// <summary>What a recording has of everybody together, beside each participant's own files.</summary>
public enum RecordedMix
{
    /// <summary>Nothing.</summary>
    None,
    /// <summary>What everybody says.</summary>
    Sound,
    /// <summary>That, and everybody in one picture.</summary>
    Picture,
}

/// <summary>A recording.</summary>
/// <param name="Id">Its id.</param>
/// <param name="Room">The room's bare address.</param>
/// <param name="Start">When it began.</param>
/// <param name="End">When it ended; null while it runs.</param>
/// <param name="Bytes">What its files take.</param>
public sealed record RoomRecording(string Id, Jid Room, DateTimeOffset Start, DateTimeOffset? End, long Bytes);
