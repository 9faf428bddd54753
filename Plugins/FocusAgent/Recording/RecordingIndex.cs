using System.Text.Json.Serialization;

namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>What a recording's <c>index.json</c> holds. Times within it are seconds from its start.</summary>
/// <param name="Id">Its id: the directory's name.</param>
/// <param name="Room">The room's address.</param>
/// <param name="StartedBy">Who began it.</param>
/// <param name="Start">When.</param>
/// <param name="End">When it ended; null while it runs, and where the server ended without a word.</param>
/// <param name="EndedBy">Why: <c>stopped</c>, <c>storage-full</c>, <c>failed</c> or <c>interrupted</c>; null while it runs.</param>
/// <param name="Participants">Who was there.</param>
/// <param name="Files">What there is to play.</param>
/// <param name="Speakers">Who spoke when, one after the other; the first 20,000 turns.</param>
/// <param name="NotRecorded">What somebody sent, or was asked for, and is in no file; null in indices of before this was told.</param>
public sealed record RecordingIndex(string Id, string Room, string StartedBy, DateTimeOffset Start, DateTimeOffset? End, string? EndedBy,
    IReadOnlyList<IndexedParticipant> Participants, IReadOnlyList<IndexedFile> Files, IReadOnlyList<IndexedTurn> Speakers, IReadOnlyList<IndexedOmission>? NotRecorded = null);

/// <summary>Somebody who was there.</summary>
/// <param name="Id">Their id in the call.</param>
/// <param name="Name">Their name.</param>
/// <param name="Address">Their bare address, where the operator wants it.</param>
/// <param name="Joined">When they came.</param>
/// <param name="Left">When they left; null if they stayed to the end.</param>
public sealed record IndexedParticipant(string Id, string Name, string? Address, double Joined, double? Left);

/// <summary>A file.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Participant">Whose; null for the mix.</param>
/// <param name="Begin">When its first moment was.</param>
/// <param name="Duration">How long it plays.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Codecs">What is in it.</param>
/// <param name="LostPackets">Packets that never came.</param>
/// <param name="Gaps">Where something is missing.</param>
public sealed record IndexedFile(string Name, string? Participant, double Begin, double Duration, long Bytes, IReadOnlyList<string> Codecs, long LostPackets, IReadOnlyList<IndexedGap> Gaps);

/// <summary>A gap.</summary>
/// <param name="Media"><c>audio</c> or <c>video</c>.</param>
/// <param name="From">Its start.</param>
/// <param name="To">Its end.</param>
public sealed record IndexedGap(string Media, double From, double To);

/// <summary>Something that is in no file.</summary>
/// <param name="Participant">Whose; null for everybody's together.</param>
/// <param name="Media"><c>audio</c> or <c>video</c>.</param>
/// <param name="Codec">In what it came, such as <c>H264</c>; null where it is not that.</param>
/// <param name="Why">Why, in words.</param>
public sealed record IndexedOmission(string? Participant, string Media, string? Codec, string Why);

/// <summary>A turn of somebody who spoke, until somebody else did.</summary>
/// <param name="Participant">Who.</param>
/// <param name="From">Its start.</param>
/// <param name="To">Its end; null for the last while it lasts.</param>
public sealed record IndexedTurn(string Participant, double From, double? To);

/// <summary>Reads and writes the JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(RecordingIndex))]
[JsonSerializable(typeof(IReadOnlyList<RecordingIndex>))]
internal sealed partial class RecordingJson : JsonSerializerContext;
