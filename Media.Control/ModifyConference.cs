using System.Net;

namespace Parley.Media.Control;

/// <summary>A wish about one conference.</summary>
/// <param name="ConferenceId">The caller's id; created by its first mention.</param>
/// <param name="Endpoints">Endpoints to create or update: each states its whole desired content, so a transport, track or forwarder that it no longer lists is ended.</param>
/// <param name="ExpireEndpoints">Endpoints to end.</param>
/// <param name="Expire">End the conference and everything in it.</param>
/// <param name="Recording">The recording that is to run; null for none. Stated anew with every request.</param>
public sealed record ModifyConference(string ConferenceId, IReadOnlyList<EndpointSpec> Endpoints, IReadOnlyList<string> ExpireEndpoints, bool Expire = false, RecordingSpec? Recording = null);

/// <summary>A participant as the relay sees it.</summary>
/// <param name="Id">The caller's id, unique in the conference.</param>
/// <param name="Transports">Its transports: one under BUNDLE, else one a content; XEP-0521 has one or more a session.</param>
/// <param name="Tracks">What it sends.</param>
/// <param name="Forwarders">What it receives.</param>
/// <param name="AccountLabel">Opaque label for accounting and redacted logs; null if none.</param>
/// <param name="Name">The name that composed pictures show; null for none.</param>
public sealed record EndpointSpec(string Id, IReadOnlyList<TransportSpec> Transports, IReadOnlyList<TrackSpec> Tracks, IReadOnlyList<ForwarderSpec> Forwarders, string? AccountLabel = null,
    string? Name = null);

/// <summary>Which part we play in ICE (RFC 8445 section 6.1.1): the side that made the offer controls.</summary>
public enum IceRole
{
    /// <summary>The peer nominates.</summary>
    Controlled,
    /// <summary>We nominate.</summary>
    Controlling,
}

/// <summary>Our DTLS role (RFC 5763 section 5).</summary>
public enum DtlsRole
{
    /// <summary>Not settled yet: we offered actpass and wait for the answer. We listen as server meanwhile.</summary>
    Undecided,
    /// <summary>We answer the handshake (setup=passive).</summary>
    Server,
    /// <summary>We start the handshake (setup=active).</summary>
    Client,
}

/// <summary>A transport: ICE, DTLS and SRTP of one five-tuple.</summary>
/// <param name="Id">The caller's id, unique in the endpoint.</param>
/// <param name="IceRole">Our ICE role.</param>
/// <param name="DtlsRole">Our DTLS role; may go from Undecided to one of the others once, never flips after.</param>
/// <param name="Remote">The peer's side; null until its description came (checks are answered once it is known).</param>
/// <param name="Generation">Raised by one for an ICE restart (RFC 8445 section 9): new local credentials, the old ones stay valid until the new are used.</param>
/// <param name="Raw">Plain RTP instead of all that: then nothing else but the id means anything. Never changes.</param>
public sealed record TransportSpec(string Id, IceRole IceRole, DtlsRole DtlsRole, RemoteTransport? Remote, int Generation = 0, RawTransport? Raw = null);

/// <summary>The peer's side of a transport.</summary>
/// <param name="Ufrag">ICE user fragment.</param>
/// <param name="Password">ICE password.</param>
/// <param name="Fingerprints">Its certificate's fingerprints; any one must match (RFC 8122 section 5).</param>
/// <param name="Candidates">Signalled candidates: stored, at most 32, and never probed.</param>
public sealed record RemoteTransport(string Ufrag, string Password, IReadOnlyList<DtlsFingerprint> Fingerprints, IReadOnlyList<IceCandidate> Candidates);

/// <summary>A certificate's fingerprint.</summary>
/// <param name="Hash">The hash's textual name by RFC 8122, such as <c>sha-256</c>.</param>
/// <param name="Value">Upper-case hexadecimal pairs joined by colons.</param>
public sealed record DtlsFingerprint(string Hash, string Value);

/// <summary>An ICE candidate over UDP.</summary>
/// <param name="Foundation">Its foundation.</param>
/// <param name="Component">1 for RTP (and all under rtcp-mux).</param>
/// <param name="Priority">By RFC 8445 section 5.1.2.</param>
/// <param name="Address">Address and port.</param>
/// <param name="Type"><c>host</c>, <c>srflx</c>, <c>prflx</c> or <c>relay</c>.</param>
/// <param name="Id">An id for XEP-0176, unique in the transport.</param>
public sealed record IceCandidate(string Foundation, int Component, uint Priority, IPEndPoint Address, string Type, string Id);

/// <summary>Audio or video.</summary>
public enum MediaKind
{
    /// <summary>Audio.</summary>
    Audio,
    /// <summary>Video.</summary>
    Video,
}

/// <summary>A payload type of one leg.</summary>
/// <param name="Number">0 to 127.</param>
/// <param name="Codec">The codec's encoding name, compared without case: <c>opus</c>, <c>VP8</c>.</param>
/// <param name="ClockRate">Hertz.</param>
/// <param name="Channels">Audio channels; 1 for video.</param>
/// <param name="Kind">Audio or video.</param>
/// <param name="Parameters">Format parameters (fmtp) in order.</param>
/// <param name="Feedback">RTCP feedback as <c>nack</c>, <c>nack pli</c>, <c>ccm fir</c>, <c>transport-cc</c>, <c>goog-remb</c>.</param>
/// <param name="RtxNumber">The payload type of its retransmissions (RFC 4588); null where RTX was not negotiated.</param>
public sealed record PayloadType(int Number, string Codec, int ClockRate, int Channels, MediaKind Kind,
    IReadOnlyList<KeyValuePair<string, string>> Parameters, IReadOnlyList<string> Feedback, int? RtxNumber = null);

/// <summary>An RTP header extension of one leg (RFC 8285).</summary>
/// <param name="Id">1 to 14 (one-byte form).</param>
/// <param name="Uri">What it is.</param>
public sealed record HeaderExtension(int Id, string Uri);

/// <summary>A stream that an endpoint sends.</summary>
/// <param name="Id">The caller's id, unique in the conference.</param>
/// <param name="Kind">Audio or video.</param>
/// <param name="TransportId">The transport that it arrives on.</param>
/// <param name="Mid">Its mid, if the MID extension was negotiated; else null.</param>
/// <param name="Ssrc">Its SSRC; null where it was not signalled (Dino): then the first SSRC of a known payload type of this kind on the transport is it.</param>
/// <param name="RtxSsrc">The SSRC of its retransmissions; null if unknown or none.</param>
/// <param name="Payloads">The leg's payload types for it.</param>
/// <param name="Extensions">The leg's extension ids for it.</param>
/// <param name="Muted">The sender says that nothing comes (XEP-0167 mute); informative.</param>
/// <param name="IsSlides">It shows a screen and not a person: composed pictures give it the large place.</param>
public sealed record TrackSpec(string Id, MediaKind Kind, string TransportId, string? Mid, uint? Ssrc, uint? RtxSsrc,
    IReadOnlyList<PayloadType> Payloads, IReadOnlyList<HeaderExtension> Extensions, bool Muted = false, bool IsSlides = false);

/// <summary>What feeds a slot.</summary>
public enum ForwarderFeed
{
    /// <summary>One track, which is named.</summary>
    Track,
    /// <summary>Audio: what all other endpoints say, mixed into one stream. Needs <see cref="RelayCapabilities.HasMixer"/>.</summary>
    Mix,
    /// <summary>Video: the picture of whoever among the other endpoints speaks, or spoke last; the relay chooses.</summary>
    Speaker,
    /// <summary>Video: everybody in one picture, with names, in the size that the receiver's line takes. Needs <see cref="RelayCapabilities.HasVideoMixer"/>.</summary>
    Composed,
}

/// <summary>What a sound tells somebody who only listens.</summary>
public enum CueSound
{
    /// <summary>Something is on from now on: a note and a higher one.</summary>
    On,
    /// <summary>Something is off from now on: a note and a lower one.</summary>
    Off,
    /// <summary>It was done: one note.</summary>
    Done,
    /// <summary>It cannot be: a low note, twice.</summary>
    Denied,
}

/// <summary>A sound that a slot with the mix hears once, beside the others.</summary>
/// <param name="Number">Another number than the cue before had: what is told again is not heard again.</param>
/// <param name="Sound">What it tells.</param>
public sealed record Cue(int Number, CueSound Sound);

/// <summary>A stream that an endpoint receives: a slot with a stable mid and SSRC, fed by whatever track is the source at the moment.</summary>
/// <param name="Id">The caller's id, unique in the endpoint.</param>
/// <param name="Kind">Audio or video.</param>
/// <param name="TransportId">The transport that it leaves on.</param>
/// <param name="Mid">Sent in the MID extension where <paramref name="Extensions"/> has it; else null.</param>
/// <param name="Ssrc">The outgoing SSRC, chosen by the caller at random, never used before on this transport.</param>
/// <param name="RtxSsrc">The outgoing SSRC of retransmissions; null where RTX was not negotiated.</param>
/// <param name="Cname">The CNAME in SDES: one for all of a participant's streams.</param>
/// <param name="Payloads">The leg's payload types.</param>
/// <param name="Extensions">The leg's extension ids.</param>
/// <param name="SourceTrackId">The track that feeds it; null for a free or paused slot. A change switches at a keyframe, with continuous sequence, timestamp and picture id.</param>
/// <param name="Feed">What feeds it; for anything but <see cref="ForwarderFeed.Track"/> there is no source track. Between <see cref="ForwarderFeed.Speaker"/> and <see cref="ForwarderFeed.Composed"/> it may change, as sources do.</param>
/// <param name="Cue">The last sound for it, where it is fed with the mix; null for none so far. One that is there with the slot itself is not heard.</param>
public sealed record ForwarderSpec(string Id, MediaKind Kind, string TransportId, string? Mid, uint Ssrc, uint? RtxSsrc, string Cname,
    IReadOnlyList<PayloadType> Payloads, IReadOnlyList<HeaderExtension> Extensions, string? SourceTrackId,
    ForwarderFeed Feed = ForwarderFeed.Track, Cue? Cue = null);

/// <summary>What the relay chose for the endpoints named in a request.</summary>
/// <param name="Epoch">The relay's epoch at that moment.</param>
/// <param name="Endpoints">The endpoints named in the request.</param>
public sealed record ConferenceState(string Epoch, IReadOnlyList<EndpointState> Endpoints);

/// <summary>What the relay chose for an endpoint, and how it stands: whoever missed events learns here what they said.</summary>
/// <param name="Id">The endpoint.</param>
/// <param name="Transports">Its transports.</param>
/// <param name="FlowingTracks">The tracks of it that deliver packets.</param>
public sealed record EndpointState(string Id, IReadOnlyList<TransportState> Transports, IReadOnlyList<string> FlowingTracks);

/// <summary>Our side of a transport, to be signalled. Of one without ICE the candidates alone count: one for RTP, one for RTCP.</summary>
/// <param name="Id">The transport.</param>
/// <param name="Ufrag">Our ICE user fragment.</param>
/// <param name="Password">Our ICE password.</param>
/// <param name="Candidates">Our candidates, complete (nothing trickles after).</param>
/// <param name="Fingerprint">Our certificate's.</param>
/// <param name="Generation">The generation that the credentials belong to.</param>
/// <param name="IsConnected">ICE and DTLS are up, as <see cref="TransportConnected"/> said.</param>
/// <param name="EndedBy">Why it ended, as <see cref="TransportEnded"/> said; null while it lives.</param>
public sealed record TransportState(string Id, string Ufrag, string Password, IReadOnlyList<IceCandidate> Candidates, DtlsFingerprint Fingerprint, int Generation,
    bool IsConnected = false, TransportEnd? EndedBy = null);
