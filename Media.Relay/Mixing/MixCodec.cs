using Parley.Media.Control;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Forwarding;

namespace Parley.Media.Relay.Mixing;

/// <summary>An audio codec that the mixer reads and writes.</summary>
/// <param name="Name">Its encoding name in lower case, which names a listener's format as well.</param>
/// <param name="ClockRate">Of RTP timestamps, in hertz. G.722 counts by 8,000 whatever it samples by (RFC 3551 section 4.5.2).</param>
/// <param name="MakeDecoder">Makes a decoder of one stream.</param>
/// <param name="MakeEncoder">Makes an encoder of one stream.</param>
internal sealed record MixCodec(string Name, int ClockRate, Func<IAudioDecoder> MakeDecoder, Func<IAudioEncoder> MakeEncoder)
{
    /// <summary>What every leg but an old phone has.</summary>
    public static MixCodec Opus { get; } = new("opus", AudioFormat.SampleRate, () => new OpusAudioDecoder(), () => new OpusAudioEncoder());

    private static readonly MixCodec[] All =
    [
        Opus,
        new("g722", 8_000, () => new G722AudioDecoder(), () => new G722AudioEncoder()),
        new("pcmu", 8_000, () => new LawDecoder(isMu: true), () => new LawEncoder(isMu: true)),
        new("pcma", 8_000, () => new LawDecoder(isMu: false), () => new LawEncoder(isMu: false)),
    ];

    /// <summary>RTP timestamp units a frame.</summary>
    public uint FrameStep { get; } = (uint)(ClockRate / 1000 * AudioFormat.FrameMs);

    /// <summary>A codec by the name that a format has.</summary>
    public static MixCodec Named(string name) => Array.Find(All, c => c.Name == name) ?? throw new ArgumentException($"the mixer knows no {name}", nameof(name));

    /// <summary>The first of a leg's payload types that the mixer knows; null if there is none.</summary>
    public static MixCodec? Of(IEnumerable<PayloadType> payloads) => payloads.Select(p => Array.Find(All, c => c.Is(p.Codec, p.ClockRate))).FirstOrDefault(c => c is not null);

    /// <summary>Whether a track's packet is of this codec.</summary>
    public bool Is(Codec? codec) => codec is not null && Is(codec.Name, codec.ClockRate);

    /// <summary>Whether a leg takes it.</summary>
    public bool IsAmong(IEnumerable<PayloadType> payloads) => payloads.Any(p => Is(p.Codec, p.ClockRate));

    private bool Is(string name, int clockRate) => clockRate == ClockRate && string.Equals(name, Name, StringComparison.OrdinalIgnoreCase);
}
