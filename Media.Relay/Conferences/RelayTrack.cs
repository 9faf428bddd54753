using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>A stream that an endpoint sends, as the relay keeps it.</summary>
internal sealed class RelayTrack
{
    /// <summary>A track that delivered nothing for this long no longer flows.</summary>
    private const long QuietMs = 2_000;

    private const long LongestWayMs = 1_000;

    /// <summary>
    /// How much later than it came something may claim to have been captured, in milliseconds. By how much two clocks differ is known from the least delayed report alone: where all so far were late, what comes at
    /// once seems to come before its time, sound and picture of a sender alike.
    /// </summary>
    public const long MostAheadMs = 300;

    private readonly SpeakerDetector _speakers;
    private readonly TelephoneEvents _keys = new();
    private readonly int _voice;
    private readonly NtpClock _ntp;

    /// <summary>Makes a track on its transport.</summary>
    /// <param name="spec">What was asked for.</param>
    /// <param name="endpoint">Whose it is.</param>
    /// <param name="transport">Where it comes in.</param>
    /// <param name="ntp">The worker's clock.</param>
    public RelayTrack(TrackSpec spec, ConferenceEndpoint endpoint, RelayTransport transport, NtpClock ntp)
    {
        _ntp = ntp;
        (Spec, Endpoint, Transport, Codecs) = (spec, endpoint, transport, new(spec.Payloads));
        Heard = spec.Kind == MediaKind.Audio ? new() : null;
        (_speakers, _voice) = (endpoint.Conference.Speakers, spec.Kind == MediaKind.Audio ? endpoint.Voice : -1);
        WantsBudget = spec.Kind == MediaKind.Video && LegMaps.HasFeedback(spec.Payloads, "goog-remb");
        Receiver = new(new()
        {
            IsVideo = spec.Kind == MediaKind.Video,
            Ssrc = spec.Ssrc,
            RtxSsrc = spec.RtxSsrc,
            Mid = spec.Mid,
            Payloads = LegMaps.Payloads(spec.Payloads),
            Extensions = LegMaps.Extensions(spec.Extensions),
            Clock = endpoint.Clock,
            LocalSsrc = transport.Media.LocalSsrc,
        })
        {
            Owner = this,
        };
        transport.Media.Add(this);
    }

    /// <summary>What was asked for last.</summary>
    public TrackSpec Spec { get; set; }

    public ConferenceEndpoint Endpoint { get; }

    public RelayTransport Transport { get; }

    public TrackReceiver Receiver { get; }

    /// <summary>What it may come in.</summary>
    public LegCodecs Codecs { get; }

    /// <summary>Whether the sender wants to be told how much it may send (REMB).</summary>
    public bool WantsBudget { get; }

    /// <summary>Its place in the conference's mix; null while nothing is mixed.</summary>
    public MixVoice? Voice { get; set; }

    /// <summary>When what is heard of it in the mix was said; null for pictures.</summary>
    public HeardTimes? Heard { get; }

    /// <summary>Where it goes into a recording; null while it is not recorded.</summary>
    public RecordingTap? Tap { get; set; }

    /// <summary>Its pictures on their way to be composed or transcoded, for each that makes something of them.</summary>
    public List<TrackPictures> Pictures { get; } = [];

    /// <summary>Whether packets arrive.</summary>
    public bool IsFlowing { get; private set; }

    /// <summary>Whether a new statement can be met by this very object; what was found out (an SSRC) is no change.</summary>
    public bool CanBecome(TrackSpec spec, RelayTransport transport) =>
        transport == Transport && spec.Kind == Spec.Kind && spec.Mid == Spec.Mid && IsKnown(spec.Ssrc, Spec.Ssrc, Receiver.Ssrc) && IsKnown(spec.RtxSsrc, Spec.RtxSsrc, Receiver.RtxSsrc)
        && LegMaps.AreSame(spec.Payloads, Spec.Payloads) && spec.Extensions.SequenceEqual(Spec.Extensions);

    /// <summary>A packet is in the ring.</summary>
    public void OnStored(long position)
    {
        Tap?.Put(Receiver, position);
        if (_voice < 0)
        {
            foreach (var pictures in Pictures) pictures.OnStored(position, Receiver.LastPacketMs);
            return;
        }

        ref readonly var info = ref Receiver.Info(position);
        var codec = info.IsVoid ? null : Receiver.Settings.Payloads.CodecOf(info.PayloadType);
        if (codec?.Name == TelephoneEvents.Codec)
        {
            if (_keys.TryRead(Receiver.Payload(position), info.Timestamp, info.ArrivalMs, out var key)) Endpoint.OnKey(this, key);
        }
        else _speakers.OnPacket(_voice, info, Voice?.Loudness ?? -1);

        if (Voice is not { } voice) return;
        if (voice.Codec.Is(codec)) voice.Put(position, info.Timestamp, info.PayloadType, Receiver.Payload(position), CapturedMs(info.Timestamp, info.ArrivalMs), info.ArrivalMs);
        else voice.Skip(position, info.ArrivalMs);
    }

    /// <summary>When what came just now was captured, by the worker's clock; null before the sender's first report, and where that makes no sense: what others are told of a mix is not to depend on it.</summary>
    public long? CapturedMs(uint timestamp, long arrivalMs) =>
        Receiver.TryTimeOf(timestamp, out var time) && _ntp.MsOf(time) is var at && at <= arrivalMs + MostAheadMs && at >= arrivalMs - LongestWayMs ? at : null;

    /// <summary>Looks whether packets arrive; says whether that changed.</summary>
    public bool UpdateFlow(long nowMs)
    {
        var flows = Receiver.LastPacketMs != long.MinValue && nowMs - Receiver.LastPacketMs < QuietMs;
        if (flows == IsFlowing) return false;
        IsFlowing = flows;
        return true;
    }

    /// <summary>Ends it: whoever it feeds is left without source.</summary>
    public void End(long nowMs)
    {
        Transport.Media.Remove(this);
        foreach (var fed in Receiver.Forwarders.ToArray()) ((RelayForwarder)fed.Owner!).Aim(null, nowMs);
    }

    private static bool IsKnown(uint? wanted, uint? before, uint? found) => wanted == before || wanted == found;
}
