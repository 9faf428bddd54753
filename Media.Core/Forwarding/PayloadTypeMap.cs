namespace Parley.Media.Core.Forwarding;

/// <summary>One leg's payload types for a track or slot.</summary>
public sealed class PayloadTypeMap
{
    /// <summary>Stands for no payload type.</summary>
    public const byte None = 255;

    private readonly Codec?[] _codecs = new Codec?[128];
    private readonly byte[] _rtxOf = new byte[128], _originalOf = new byte[128];

    /// <summary>Makes a map; of two payload types with one codec the first is sent.</summary>
    public PayloadTypeMap(IReadOnlyList<LegPayload> payloads)
    {
        _rtxOf.AsSpan().Fill(None);
        _originalOf.AsSpan().Fill(None);
        foreach (var payload in payloads)
        {
            if (payload.Number is < 0 or > 127 || Codec.Of(payload) is not { } codec) continue;
            _codecs[payload.Number] = codec;
            HasNack |= payload.Feedback.Contains("nack");
            HasPictureLoss |= payload.Feedback.Contains("nack pli");
            HasFullIntraRequest |= payload.Feedback.Contains("ccm fir");
            if (payload.RtxNumber is not ({ } rtx and >= 0 and <= 127)) continue;
            HasRtx = true;
            (_rtxOf[payload.Number], _originalOf[rtx]) = ((byte)rtx, (byte)payload.Number);
        }
    }

    /// <summary>Whether generic NACK was negotiated.</summary>
    public bool HasNack { get; }

    /// <summary>Whether RTX was negotiated for any payload type.</summary>
    public bool HasRtx { get; }

    /// <summary>Whether PLI was negotiated.</summary>
    public bool HasPictureLoss { get; }

    /// <summary>Whether FIR was negotiated.</summary>
    public bool HasFullIntraRequest { get; }

    /// <summary>A payload type's codec; null if it is unknown or not forwardable.</summary>
    public Codec? CodecOf(byte number) => number < 128 ? _codecs[number] : null;

    /// <summary>The payload type of retransmissions; <see cref="None"/> if there is none.</summary>
    public byte RtxOf(byte number) => number < 128 ? _rtxOf[number] : None;

    /// <summary>What a retransmission's payload type repeats; <see cref="None"/> if it is none.</summary>
    public byte OriginalOf(byte rtx) => rtx < 128 ? _originalOf[rtx] : None;

    /// <summary>The payload type that this leg has for a codec; <see cref="None"/> if it cannot decode it.</summary>
    public byte NumberOf(Codec codec)
    {
        for (var i = 0; i < 128; i++)
        {
            if (_codecs[i] == codec) return (byte)i;
        }

        return None;
    }

    /// <summary>For each payload type of a source, this leg's.</summary>
    internal byte[] MapFrom(PayloadTypeMap source)
    {
        var map = new byte[128];
        for (var i = 0; i < 128; i++) map[i] = source._codecs[i] is { } codec ? NumberOf(codec) : None;
        return map;
    }
}
