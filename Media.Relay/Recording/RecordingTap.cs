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
internal sealed class RecordingTap(int id, PacketPipe pipe, NtpClock ntp)
{
    /// <summary>Marks a packet's codec byte as the last of its frame.</summary>
    public const byte MarkerBit = 0x80;

    /// <summary>Stands for a capture time that is not known.</summary>
    public const long Unknown = long.MinValue;

    /// <summary>Its number.</summary>
    public int Id { get; } = id;

    /// <summary>A packet is in the track's ring. One without anything to record goes too, as it is not lost.</summary>
    public void Put(TrackReceiver track, long position)
    {
        ref readonly var info = ref track.Info(position);
        var codec = info.IsVoid ? RecordedCodec.None : CodecOf(track.Settings.Payloads.CodecOf(info.PayloadType));
        var captureMs = track.TryTimeOf(info.Timestamp, out var time) ? ntp.MsOf(time) : Unknown;
        var kind = (byte)((byte)codec | (info.Marker ? MarkerBit : 0));
        pipe.TryWrite(new(Id, position, info.Timestamp, kind, info.ArrivalMs, CaptureMs: captureMs), codec == RecordedCodec.None ? default : track.Payload(position));
    }

    private static RecordedCodec CodecOf(Codec? codec) => codec switch
    {
        { Format: PayloadFormat.Vp8 } => RecordedCodec.Vp8,
        { Format: PayloadFormat.Vp9 } => RecordedCodec.Vp9,
        { Name: "opus", ClockRate: 48_000 } => RecordedCodec.Opus,
        _ => RecordedCodec.None,
    };
}
