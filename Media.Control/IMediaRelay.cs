namespace Parley.Media.Control;

/// <summary>
/// How a focus asks a relay for what it wants. Declarative: ids are the caller's, each call is idempotent, and the caller keeps the desired state so that it can
/// repeat it to a relay that restarted.
/// </summary>
public interface IMediaRelay
{
    /// <summary>Changes whenever the relay lost its state: the caller then sends everything again.</summary>
    string Epoch { get; }

    /// <summary>Creates or updates what is named and ends what is listed as expired. What is not named stays as it is.</summary>
    /// <exception cref="MediaRelayException">The request names something impossible (an unknown transport, a duplicate SSRC), or a limit is reached; nothing was changed.</exception>
    Task<ConferenceState> ModifyConferenceAsync(ModifyConference request, CancellationToken ct = default);

    /// <summary>Receives every event from now on until cancelled. Each watcher has its own bounded queue; one that falls behind gets <see cref="EventsLost"/> and must reconcile.</summary>
    IAsyncEnumerable<RelayEvent> WatchAsync(CancellationToken ct = default);

    /// <summary>The relay's load at this moment.</summary>
    RelayLoad ReadLoad();

    /// <summary>Finishes the files of a recording that was cut off, by a crash or a loss of power; what is whole stays as it is.</summary>
    /// <param name="directory">The recording's directory (<see cref="RecordingSpec.Directory"/>); no recording may run there.</param>
    /// <param name="ct">Gives up between two files.</param>
    /// <returns>The length of each file that can be played, by its name: its bytes, and how long it plays; zero where it was whole before.</returns>
    Task<IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)>> RepairRecordingAsync(string directory, CancellationToken ct = default);

    /// <summary>What can be received and forwarded, as offered to browsers: codecs by preference and header extensions.</summary>
    RelayCapabilities Capabilities { get; }
}

/// <summary>Why a relay refused.</summary>
public enum RelayFault
{
    /// <summary>An id, SSRC or value clashes or makes no sense.</summary>
    BadRequest,
    /// <summary>A limit is reached.</summary>
    ResourceConstraint,
    /// <summary>Media cannot run on this machine (no libssl, not Linux, …).</summary>
    Unavailable,
}

/// <summary>A refused request.</summary>
public sealed class MediaRelayException(RelayFault fault, string message) : Exception(message)
{
    /// <summary>Why.</summary>
    public RelayFault Fault { get; } = fault;
}

/// <summary>A relay's load.</summary>
/// <param name="Workers">Worker threads, one UDP port each.</param>
/// <param name="Conferences">Live conferences.</param>
/// <param name="Endpoints">Live endpoints.</param>
/// <param name="PacketsIn">RTP packets received since the start.</param>
/// <param name="PacketsOut">RTP packets forwarded since the start.</param>
/// <param name="Dropped">Datagrams dropped, by reason.</param>
/// <param name="Mixing">What is mixed; null where nothing can be.</param>
/// <param name="Pictures">What is composed and transcoded; null where nothing can be.</param>
public sealed record RelayLoad(int Workers, int Conferences, int Endpoints, long PacketsIn, long PacketsOut, IReadOnlyDictionary<string, long> Dropped, MixLoad? Mixing = null, PictureLoad? Pictures = null);

/// <summary>What a relay handles.</summary>
/// <param name="Codecs">By preference; payload types are only a proposal for offers that we make.</param>
/// <param name="AudioExtensions">RTP header extensions for audio that the relay understands, with ids proposed for our offers.</param>
/// <param name="VideoExtensions">The same for video.</param>
/// <param name="HasMixer">Whether audio can be mixed here: its libraries are there.</param>
/// <param name="HasVideoMixer">Whether pictures can be composed and transcoded here: a slot is then fed with what its receiver can decode, whatever its track's codec.</param>
public sealed record RelayCapabilities(IReadOnlyList<PayloadType> Codecs, IReadOnlyList<HeaderExtension> AudioExtensions, IReadOnlyList<HeaderExtension> VideoExtensions, bool HasMixer = false,
    bool HasVideoMixer = false);
