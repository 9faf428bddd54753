using System.Buffers.Binary;
using Parley.Media.Core.Audio;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Mixing;

namespace Parley.bench.Audio;

/// <summary>One participant's RTP: numbers what it sends and looks at what comes.</summary>
/// <param name="ssrc">Its SSRC.</param>
/// <param name="isListening">Whether it decodes what it hears.</param>
internal sealed class MixClient(uint ssrc, bool isListening) : IDisposable
{
    /// <summary>The payload type both ways.</summary>
    public const byte PayloadType = 111;

    private readonly OpusAudioDecoder? _decoder = isListening ? new() : null;
    private readonly float[] _samples = new float[AudioFormat.MaxPacketSamples];
    private ushort _sequence;
    private uint _timestamp;

    /// <summary>Packets that came.</summary>
    public long Received { get; private set; }

    /// <summary>The loudest sample heard.</summary>
    public float Loudest { get; set; }

    /// <summary>Writes the next packet and returns its length.</summary>
    public int Write(Span<byte> to, ReadOnlySpan<byte> payload)
    {
        (to[0], to[1]) = (0x80, PayloadType);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], _sequence++);
        BinaryPrimitives.WriteUInt32BigEndian(to[4..], _timestamp += AudioFormat.FrameSamples);
        BinaryPrimitives.WriteUInt32BigEndian(to[8..], ssrc);
        payload.CopyTo(to[RtpHeader.MinLength..]);
        return RtpHeader.MinLength + payload.Length;
    }

    /// <summary>Takes a packet in the clear.</summary>
    public void Take(ReadOnlySpan<byte> packet)
    {
        if (!RtpHeader.TryParse(packet, out var header) || header.PayloadType != PayloadType || !header.TryGetPayload(packet, out var payload)) return;
        Received++;
        if (_decoder is null) return;
        var count = _decoder.Decode(payload, _samples);
        for (var i = 0; i < count; i++) Loudest = MathF.Max(Loudest, MathF.Abs(_samples[i]));
    }

    public void Dispose() => _decoder?.Dispose();
}
