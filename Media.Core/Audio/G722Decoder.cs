namespace Parley.Media.Core.Audio;

/// <summary>ITU-T G.722 at 64 kbit/s: a byte in, two samples at 16 kHz out.</summary>
public sealed class G722Decoder
{
    private readonly int[] _x = new int[24];
    private readonly G722Band _lower = new(32), _higher = new(8);

    /// <summary>Decodes bytes.</summary>
    /// <param name="payload">The bytes.</param>
    /// <param name="to">Twice as many samples.</param>
    public void Decode(ReadOnlySpan<byte> payload, Span<short> to)
    {
        for (var i = 0; i < payload.Length; i++) (to[2 * i], to[2 * i + 1]) = Decode(payload[i]);
    }

    private (short First, short Second) Decode(byte code)
    {
        var low = DecodeLower(code & 63);
        var high = DecodeHigher(code >> 6);
        _x.AsSpan(2).CopyTo(_x);
        (_x[22], _x[23]) = (low + high, low - high);
        var (first, second) = (0, 0);
        var qmf = G722Tables.Qmf;
        for (var i = 0; i < 12; i++)
        {
            second += _x[2 * i] * qmf[i];
            first += _x[2 * i + 1] * qmf[11 - i];
        }

        return ((short)G722Band.Saturate(first >> 11), (short)G722Band.Saturate(second >> 11));
    }

    private int DecodeLower(int il)
    {
        var heard = Limit(_lower.S + ((_lower.Det * G722Tables.Qm6[il]) >> 15));
        var il4 = il >> 2;
        var d = (_lower.Det * G722Tables.Qm4[il4]) >> 15;
        _lower.ScaleLower(il4);
        _lower.Predict(d);
        return heard;
    }

    private int DecodeHigher(int ih)
    {
        var d = (_higher.Det * G722Tables.Qm2[ih]) >> 15;
        var heard = Limit(_higher.S + d);
        _higher.ScaleHigher(ih);
        _higher.Predict(d);
        return heard;
    }

    private static int Limit(int value) => Math.Clamp(value, -16_384, 16_383);
}
