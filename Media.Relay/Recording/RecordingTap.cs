using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Recording;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Recording;

/// <summary>Where a track's packets go into a recording, on the worker's thread.</summary>
/// <param name="id">Its number in the recording.</param>
/// <param name="pipe">The way to the recorder's thread.</param>
/// <param name="ntp">The worker's clock.</param>
/// <param name="omit">Told a codec, once, that cannot be recorded.</param>
internal sealed class RecordingTap(int id, PacketPipe pipe, NtpClock ntp, Action<string> omit)
{
    /// <summary>Marks a packet's codec byte as the last of its frame.</summary>
    public const byte MarkerBit = 0x80;

    /// <summary>Stands for a capture time that is not known.</summary>
    public const long Unknown = long.MinValue;

    private Codec? _omitted;
    private long _made, _lastMs;

    /// <summary>Its number.</summary>
    public int Id { get; } = id;

    /// <summary>Whether what is made of the track here is recorded instead of the track.</summary>
    public bool IsTranslated { get; set; }

    /// <summary>A packet is in the track's ring. One without anything to record goes too, as it is not lost.</summary>
    public void Put(TrackReceiver track, long position)
    {
        if (IsTranslated) return;
        ref readonly var info = ref track.Info(position);
        var received = info.IsVoid ? null : track.Settings.Payloads.CodecOf(info.PayloadType);
        var codec = CodecOf(received);
        if (codec == RecordedCodec.None && received is not null && received != _omitted) Omit(received);
        var captureMs = track.TryTimeOf(info.Timestamp, out var time) ? ntp.MsOf(time) : Unknown;
        pipe.TryWrite(new(Id, position, info.Timestamp, KindOf(codec, info.Marker), info.ArrivalMs, CaptureMs: captureMs), codec == RecordedCodec.None ? default : track.Payload(position));
    }

    /// <summary>The next packet of what is made here: nothing of it is lost or late.</summary>
    /// <param name="codec">In what it is coded.</param>
    /// <param name="marker">Whether it is the last of its frame.</param>
    /// <param name="payload">Its payload.</param>
    /// <param name="timeMs">When it is heard or seen; the same for all packets of a frame, and later for the next.</param>
    public void PutMade(RecordedCodec codec, bool marker, ReadOnlySpan<byte> payload, long timeMs)
    {
        _lastMs = Math.Max(_lastMs, timeMs);
        pipe.TryWrite(new(Id, _made++, (uint)(_lastMs * (codec == RecordedCodec.Opus ? 48 : 90)), KindOf(codec, marker), _lastMs, CaptureMs: _lastMs), payload);
    }

    private static byte KindOf(RecordedCodec codec, bool marker) => (byte)((byte)codec | (marker ? MarkerBit : 0));

    // Keys of a telephone and comfort noise are no codec of somebody's.
    private void Omit(Codec codec)
    {
        _omitted = codec;
        if (codec.Name is not (TelephoneEvents.Codec or "cn")) omit(codec.Name);
    }

    private static RecordedCodec CodecOf(Codec? codec) => codec switch
    {
        { Format: PayloadFormat.Vp8 } => RecordedCodec.Vp8,
        { Format: PayloadFormat.Vp9 } => RecordedCodec.Vp9,
        { Name: "opus", ClockRate: 48_000 } => RecordedCodec.Opus,
        _ => RecordedCodec.None,
    };
}
