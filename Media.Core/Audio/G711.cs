namespace Parley.Media.Core.Audio;

/// <summary>The two laws of ITU-T G.711: a sample of 16 bits as one of 8.</summary>
public static class G711
{
    private const int Clip = 32_635, Bias = 0x84;

    private static readonly short[] MuDecoded = Table(DecodeMu), ADecoded = Table(DecodeA);

    /// <summary>Reads a µ-law sample (PCMU).</summary>
    public static short FromMu(byte value) => MuDecoded[value];

    /// <summary>Reads an A-law sample (PCMA).</summary>
    public static short FromA(byte value) => ADecoded[value];

    /// <summary>Writes a µ-law sample: sign, the segment by the position of the highest bit, four bits of what follows; all inverted.</summary>
    public static byte ToMu(short sample)
    {
        var sign = sample < 0 ? 0x80 : 0;
        var magnitude = Math.Min(Math.Abs((int)sample), Clip) + Bias;
        var segment = int.Log2(magnitude) - 7;
        return (byte)~(sign | (segment << 4) | ((magnitude >> (segment + 3)) & 15));
    }

    /// <summary>Writes an A-law sample: as above without bias, the lowest segments alike, every second bit inverted.</summary>
    public static byte ToA(short sample)
    {
        var sign = sample < 0 ? 0 : 0x80;
        var magnitude = (sample < 0 ? ~sample : sample) >> 4;
        var segment = magnitude < 32 ? magnitude >> 4 : int.Log2(magnitude) - 3;
        var mantissa = segment < 2 ? magnitude & 15 : (magnitude >> (segment - 1)) & 15;
        return (byte)((sign | (segment << 4) | mantissa) ^ 0x55);
    }

    private static short[] Table(Func<byte, short> decode) => [.. Enumerable.Range(0, 256).Select(i => decode((byte)i))];

    private static short DecodeMu(byte value)
    {
        var bits = (byte)~value;
        var magnitude = ((((bits & 15) << 3) + Bias) << ((bits >> 4) & 7)) - Bias;
        return (short)((bits & 0x80) != 0 ? -magnitude : magnitude);
    }

    private static short DecodeA(byte value)
    {
        var bits = value ^ 0x55;
        var segment = (bits >> 4) & 7;
        var magnitude = ((bits & 15) << 4) + 8;
        if (segment > 0) magnitude = (magnitude + 0x100) << (segment - 1);
        return (short)((bits & 0x80) != 0 ? magnitude : -magnitude);
    }
}
