namespace Parley.Media.Control;

/// <summary>What a recording keeps of what endpoints send.</summary>
[Flags]
public enum RecordedMedia
{
    /// <summary>Nothing as it came.</summary>
    None = 0,
    /// <summary>Audio.</summary>
    Audio = 1,
    /// <summary>Video.</summary>
    Video = 2,
    /// <summary>Both.</summary>
    All = Audio | Video,
}

/// <summary>A recording that is to run: a WebM file for each endpoint, with its audio and video as they came (Opus, VP8, VP9; G.711 and G.722 as Opus, where there is a mixer; what else comes is told as left out).</summary>
/// <param name="Id">The caller's id; another id is another recording.</param>
/// <param name="Directory">Where the files go: an absolute path of the relay's machine, which exists, and is this recording's alone.</param>
/// <param name="Media">What is kept of each endpoint.</param>
/// <param name="Mix">Also what everybody says, mixed, in a file of its own. Needs <see cref="RelayCapabilities.HasMixer"/>; left out without it.</param>
/// <param name="MaxBytes">What all files together may take; then the recording ends.</param>
/// <param name="MinFreeBytes">What must stay free on the disk; below it the recording ends.</param>
/// <param name="Composed">Also everybody in one picture, in the file of the mix. Needs <see cref="RelayCapabilities.HasVideoMixer"/>; left out without it.</param>
public sealed record RecordingSpec(string Id, string Directory, RecordedMedia Media, bool Mix, long MaxBytes, long MinFreeBytes, bool Composed = false);

/// <summary>Why a recording ended.</summary>
public enum RecordingEnd
{
    /// <summary>It is no longer asked for, or the conference has ended.</summary>
    Stopped,
    /// <summary>The files take as much as they may, or the disk is nearly full.</summary>
    StorageFull,
    /// <summary>Writing failed.</summary>
    Failed,
}

/// <summary>A file of a recording.</summary>
/// <param name="Name">Its name in the directory.</param>
/// <param name="EndpointId">Whose it is; null for the mix.</param>
/// <param name="Begin">When its first moment was.</param>
/// <param name="Duration">How long it plays.</param>
/// <param name="Bytes">Its length.</param>
/// <param name="Codecs">What is in it: <c>opus</c>, <c>vp8</c>, <c>vp9</c>.</param>
/// <param name="LostPackets">Packets that never came.</param>
/// <param name="Gaps">Where something is missing; the first thousand.</param>
public sealed record RecordedFile(string Name, string? EndpointId, DateTimeOffset Begin, TimeSpan Duration, long Bytes, IReadOnlyList<string> Codecs, long LostPackets, IReadOnlyList<RecordedGap> Gaps);

/// <summary>A time of which something is missing in a file.</summary>
/// <param name="Kind">Audio or video.</param>
/// <param name="From">Its start, from the file's.</param>
/// <param name="To">Its end.</param>
public sealed record RecordedGap(MediaKind Kind, TimeSpan From, TimeSpan To);

/// <summary>Something that an endpoint sends and that is in none of its files, as WebM does not have it and nothing here makes it into what WebM has.</summary>
/// <param name="EndpointId">Whose.</param>
/// <param name="Kind">Audio or video.</param>
/// <param name="Codec">Its encoding name, such as <c>H264</c>.</param>
public sealed record RecordedOmission(string EndpointId, MediaKind Kind, string Codec);

/// <summary>How a recording stands: every two seconds while it runs, and once at its end.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="ConferenceId">The conference.</param>
/// <param name="RecordingId">The recording.</param>
/// <param name="Files">Its files so far, as far as they are on the disk.</param>
/// <param name="EndedBy">Why it has ended; null while it runs.</param>
/// <param name="Omissions">What came and could not be recorded; null for nothing.</param>
public sealed record RecordingChanged(string Epoch, string ConferenceId, string RecordingId, IReadOnlyList<RecordedFile> Files, RecordingEnd? EndedBy, IReadOnlyList<RecordedOmission>? Omissions = null) : RelayEvent(Epoch);
