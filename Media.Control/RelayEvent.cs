namespace Parley.Media.Control;

/// <summary>Something that happened in a relay.</summary>
/// <param name="Epoch">The epoch that it belongs to.</param>
public abstract record RelayEvent(string Epoch);

/// <summary>The watcher fell behind and missed events: send the desired state again, the answer says how everything stands.</summary>
public sealed record EventsLost(string Epoch) : RelayEvent(Epoch);

/// <summary>ICE and DTLS are up: media may flow.</summary>
public sealed record TransportConnected(string Epoch, string ConferenceId, string EndpointId, string TransportId) : RelayEvent(Epoch);

/// <summary>Why a transport ended.</summary>
public enum TransportEnd
{
    /// <summary>No valid consent answer and no SRTP for 12 s, or no valid answer for 30 s; without ICE, nothing at all for as long as was asked.</summary>
    ConsentExpired,
    /// <summary>The peer said close_notify.</summary>
    ClosedByPeer,
    /// <summary>The DTLS handshake failed, or the certificate did not match the signalled fingerprint.</summary>
    DtlsFailed,
    /// <summary>Never came up within 30 s; without ICE, within the time that was asked.</summary>
    NeverConnected,
    /// <summary>The relay's worker that carried it has ended by a fault. The conference is nowhere any more; asked for again it is made elsewhere.</summary>
    WorkerFailed,
    /// <summary>Without ICE: no port is free for it, or there is no way to the peer.</summary>
    NoPort,
}

/// <summary>A transport ended by itself; it stays listed until the caller removes it.</summary>
public sealed record TransportEnded(string Epoch, string ConferenceId, string EndpointId, string TransportId, TransportEnd Why) : RelayEvent(Epoch);

/// <summary>The loudest speaker changed, falls silent or speaks again; said anew too where a recording begins.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="ConferenceId">The conference.</param>
/// <param name="EndpointId">Who speaks now, or spoke last; null for nobody.</param>
/// <param name="Recent">The latest speakers, newest first.</param>
/// <param name="IsSpeaking">Whether that one speaks now.</param>
public sealed record SpeakerChanged(string Epoch, string ConferenceId, string? EndpointId, IReadOnlyList<string> Recent, bool IsSpeaking = true) : RelayEvent(Epoch);

/// <summary>A key of a telephone was pressed: an event of RFC 4733 came, once however often it was repeated on the way.</summary>
/// <param name="Epoch">The epoch.</param>
/// <param name="ConferenceId">The conference.</param>
/// <param name="EndpointId">Whose.</param>
/// <param name="TrackId">The track that it came in.</param>
/// <param name="Key"><c>0</c> to <c>9</c>, <c>*</c>, <c>#</c>, <c>A</c> to <c>D</c>.</param>
public sealed record KeyPressed(string Epoch, string ConferenceId, string EndpointId, string TrackId, char Key) : RelayEvent(Epoch);

/// <summary>A track began, or stopped for 2 s and more, to deliver packets.</summary>
public sealed record TrackFlowChanged(string Epoch, string ConferenceId, string EndpointId, string TrackId, bool Flowing) : RelayEvent(Epoch);
