using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Forwarding;

namespace Parley.Media.Relay.Mixing;

/// <summary>An audio codec that the mixer reads and writes.</summary>
/// <param name="Format">What a listener's format is called by.</param>
/// <param name="Name">Its encoding name in lower case.</param>
/// <param name="ClockRate">Of RTP timestamps, in hertz. G.722 counts by 8,000 whatever it samples by (RFC 3551 section 4.5.2).</param>
/// <param name="MakeDecoder">Makes a decoder of one stream.</param>
/// <param name="MakeEncoder">Makes an encoder of one stream.</param>
internal sealed record MixCodec(string Format, string Name, int ClockRate, Func<IAudioDecoder> MakeDecoder, Func<IAudioEncoder> MakeEncoder)
{
    /// <summary>What every leg but an old phone has.</summary>
    public static MixCodec Opus { get; } = new("opus", "opus", AudioFormat.SampleRate, () => new OpusAudioDecoder(), () => new OpusAudioEncoder());

    /// <summary>The same with two channels: in RTP no other codec.</summary>
    public static MixCodec Stereo { get; } = new("opus/2", "opus", AudioFormat.SampleRate, () => new OpusAudioDecoder(channels: 2), () => new OpusAudioEncoder(channels: 2));

    private static readonly MixCodec[] All =
    [
        Opus,
        new("g722", "g722", 8_000, () => new G722AudioDecoder(), () => new G722AudioEncoder()),
        new("pcmu", "pcmu", 8_000, () => new LawDecoder(isMu: true), () => new LawEncoder(isMu: true)),
        new("pcma", "pcma", 8_000, () => new LawDecoder(isMu: false), () => new LawEncoder(isMu: false)),
    ];

    /// <summary>RTP timestamp units a frame.</summary>
    public uint FrameStep { get; } = (uint)(ClockRate / 1000 * AudioFormat.FrameMs);

    /// <summary>A codec by its format.</summary>
    public static MixCodec Named(string format) => format == Stereo.Format ? Stereo : Array.Find(All, c => c.Format == format) ?? throw new ArgumentException($"the mixer knows no {format}", nameof(format));

    /// <summary>What a track comes in; null if the mixer does not know it.</summary>
    /// <param name="track">Its payload types.</param>
    /// <param name="inStereo">Whether both channels are wanted, where its sender is likely to send two (RFC 7587 section 6.1: <c>sprop-stereo</c>).</param>
    public static MixCodec? Of(TrackSpec track, bool inStereo = false) => Of(track.Payloads, inStereo ? "sprop-stereo" : null);

    /// <summary>In what a slot is fed by the mixer; null if the mixer does not know it. Two channels where its receiver prefers that (RFC 7587 section 6.1: <c>stereo</c>).</summary>
    public static MixCodec? Of(ForwarderSpec slot) => Of(slot.Payloads, "stereo");

    /// <summary>Whether a track's packet is of this codec.</summary>
    public bool Is(Codec? codec) => codec is not null && Is(codec.Name, codec.ClockRate);

    /// <summary>Whether a leg takes it.</summary>
    public bool IsAmong(IEnumerable<PayloadType> payloads) => payloads.Any(p => Is(p.Codec, p.ClockRate));

    private static MixCodec? Of(IEnumerable<PayloadType> payloads, string? stereo)
    {
        foreach (var payload in payloads)
        {
            if (Array.Find(All, c => c.Is(payload.Codec, payload.ClockRate)) is not { } codec) continue;
            var isStereo = codec == Opus && stereo is not null && payload.Parameters.Any(p => p.Key.Equals(stereo, StringComparison.OrdinalIgnoreCase) && p.Value.Trim() == "1");
            return isStereo ? Stereo : codec;
        }

        return null;
    }

    private bool Is(string name, int clockRate) => clockRate == ClockRate && string.Equals(name, Name, StringComparison.OrdinalIgnoreCase);
}
