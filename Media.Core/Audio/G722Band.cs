namespace Parley.Media.Core.Audio;

/// <summary>
/// What encoder and decoder of a G.722 band share: the adaptive predictor with two poles and six zeros, and the quantiser's scale factor (ITU-T G.722 section 3, blocks 3 and 4).
/// Variables have the recommendation's names.
/// </summary>
internal sealed class G722Band(int initialDet)
{
    private readonly int[] _r = new int[3], _p = new int[3], _a = new int[3], _d = new int[7], _b = new int[7];
    private int _sz, _nb;

    /// <summary>The predictor's output.</summary>
    public int S { get; private set; }

    /// <summary>The quantiser's scale factor.</summary>
    public int Det { get; private set; } = initialDet;

    /// <summary>Adapts the scale factor of the lower band to a code of four bits (LOGSCL, SCALEL).</summary>
    public void ScaleLower(int il4)
    {
        _nb = Math.Clamp(((_nb * 127) >> 7) + G722Tables.Wl[G722Tables.Rl42[il4]], 0, 18_432);
        Det = Inverse(8);
    }

    /// <summary>Adapts the scale factor of the higher band to a code of two bits (LOGSCH, SCALEH).</summary>
    public void ScaleHigher(int ih)
    {
        _nb = Math.Clamp(((_nb * 127) >> 7) + G722Tables.Wh[G722Tables.Rh2[ih]], 0, 22_528);
        Det = Inverse(10);
    }

    /// <summary>Adapts the predictor to the quantised difference (RECONS, PARREC, UPPOL2, UPPOL1, UPZERO, DELAYA, FILTEP, FILTEZ, PREDIC).</summary>
    public void Predict(int d)
    {
        _d[0] = d;
        _r[0] = Saturate(S + d);
        _p[0] = Saturate(_sz + d);
        _a[2] = SecondPole();
        _a[1] = FirstPole(_a[2]);

        var step = d == 0 ? 0 : 128;
        for (var i = 1; i < 7; i++) _b[i] = Saturate((IsNegative(_d[i]) == IsNegative(d) ? step : -step) + ((_b[i] * 32_640) >> 15));
        for (var i = 6; i > 0; i--) _d[i] = _d[i - 1];
        for (var i = 2; i > 0; i--) (_r[i], _p[i]) = (_r[i - 1], _p[i - 1]);

        var poles = Saturate(((_a[1] * Saturate(_r[1] * 2)) >> 15) + ((_a[2] * Saturate(_r[2] * 2)) >> 15));
        _sz = 0;
        for (var i = 6; i > 0; i--) _sz += (_b[i] * Saturate(_d[i] * 2)) >> 15;
        _sz = Saturate(_sz);
        S = Saturate(poles + _sz);
    }

    /// <summary>Keeps a number in 16 bits.</summary>
    public static int Saturate(int value) => Math.Clamp(value, short.MinValue, short.MaxValue);

    private static bool IsNegative(int value) => value < 0;

    private int SecondPole()
    {
        var first = Saturate(_a[1] * 4);
        if (IsNegative(_p[0]) == IsNegative(_p[1])) first = -first;
        first = Math.Min(first, 32_767);
        var apl = (IsNegative(_p[0]) == IsNegative(_p[2]) ? 128 : -128) + (first >> 7) + ((_a[2] * 32_512) >> 15);
        return Math.Clamp(apl, -12_288, 12_288);
    }

    private int FirstPole(int second)
    {
        var apl = Saturate((IsNegative(_p[0]) == IsNegative(_p[1]) ? 192 : -192) + ((_a[1] * 32_640) >> 15));
        var limit = Saturate(15_360 - second);
        return Math.Clamp(apl, -limit, limit);
    }

    private int Inverse(int top)
    {
        var (index, shift) = ((_nb >> 6) & 31, top - (_nb >> 11));
        var ilb = G722Tables.Ilb[index];
        return (shift < 0 ? ilb << -shift : ilb >> shift) << 2;
    }
}
