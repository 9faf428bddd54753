namespace Parley.Media.Core.Audio;

/// <summary>ITU-T G.722 at 64 kbit/s: 16 kHz in, a byte for two samples. RTP's clock of it is 8 kHz for historical reasons (RFC 3551 section 4.5.2).</summary>
public sealed class G722Encoder
{
    private readonly int[] _x = new int[24];
    private readonly G722Band _lower = new(32), _higher = new(8);

    /// <summary>Encodes pairs of samples.</summary>
    /// <param name="samples">Samples at 16 kHz, an even number.</param>
    /// <param name="to">Half as many bytes.</param>
    public void Encode(ReadOnlySpan<short> samples, Span<byte> to)
    {
        for (var i = 0; i + 1 < samples.Length; i += 2) to[i >> 1] = Encode(samples[i], samples[i + 1]);
    }

    private byte Encode(short first, short second)
    {
        _x.AsSpan(2).CopyTo(_x);
        (_x[22], _x[23]) = (first, second);
        var (odd, even) = (0, 0);
        var qmf = G722Tables.Qmf;
        for (var i = 0; i < 12; i++)
        {
            odd += _x[2 * i] * qmf[i];
            even += _x[2 * i + 1] * qmf[11 - i];
        }

        var il = EncodeLower((even + odd) >> 14);
        var ih = EncodeHigher((even - odd) >> 14);
        return (byte)((ih << 6) | il);
    }

    private int EncodeLower(int xl)
    {
        var el = G722Band.Saturate(xl - _lower.S);
        var magnitude = el >= 0 ? el : ~el;
        var level = 1;
        while (level < 30 && magnitude >= (G722Tables.Q6[level] * _lower.Det) >> 12) level++;
        var il = el < 0 ? G722Tables.Iln[level] : G722Tables.Ilp[level];
        var il4 = il >> 2;
        var d = (_lower.Det * G722Tables.Qm4[il4]) >> 15;
        _lower.ScaleLower(il4);
        _lower.Predict(d);
        return il;
    }

    private int EncodeHigher(int xh)
    {
        var eh = G722Band.Saturate(xh - _higher.S);
        var magnitude = eh >= 0 ? eh : ~eh;
        var level = magnitude >= (564 * _higher.Det) >> 12 ? 2 : 1;
        var ih = eh < 0 ? G722Tables.Ihn[level] : G722Tables.Ihp[level];
        var d = (_higher.Det * G722Tables.Qm2[ih]) >> 15;
        _higher.ScaleHigher(ih);
        _higher.Predict(d);
        return ih;
    }
}
