namespace Parley.tests.Media.Core.Video;

/// <summary>Pictures that look like H.264 to whoever does not decode them: units with the right first bytes, and a number and filling after them.</summary>
internal static class H264Pictures
{
    /// <summary>Real ones: x264's of 640x360 at level 3, baseline.</summary>
    public static readonly byte[] Sps = Convert.FromHexString("6742C01EDA0280BFE5C044000003000400000300783C58BA80"), Pps = Convert.FromHexString("68CE0F2C80");

    /// <summary>Units as a byte stream.</summary>
    public static byte[] Stream(params byte[][] units) => [.. units.SelectMany(u => (byte[])[0, 0, 0, 1, .. u])];

    /// <summary>A slice; the first of its picture or not.</summary>
    public static byte[] Slice(int number, int length, bool isIdr, bool isFirst = true)
    {
        var unit = new byte[Math.Max(8, length)];
        unit.AsSpan().Fill((byte)(0x80 | (number & 0x7F)));
        (unit[0], unit[1]) = ((byte)(isIdr ? 0x65 : 0x41), (byte)(isFirst ? 0x88 : 0x48));
        for (var i = 0; i < 4; i++) unit[2 + i] = (byte)(0x80 | ((number >> (4 * i)) & 0xF));
        return unit;
    }

    /// <summary>The number of a picture's first slice; -1 if it has none.</summary>
    public static int NumberOf(ReadOnlySpan<byte> stream)
    {
        var units = new Parley.Media.Core.Video.H264.AnnexB(stream);
        while (units.MoveNext())
        {
            if ((units.Unit[0] & 0x1F) is not (1 or 5)) continue;
            var number = 0;
            for (var i = 0; i < 4; i++) number |= (units.Unit[2 + i] & 0xF) << (4 * i);
            return number;
        }

        return -1;
    }

    /// <summary>A picture: with parameter sets where decoding can begin with it, in one slice or several.</summary>
    public static byte[] Picture(int number, bool isKey, params int[] lengths)
    {
        var slices = lengths.Select((l, i) => Slice(number, l, isKey, i == 0));
        return Stream(isKey ? [Sps, Pps, .. slices] : [.. slices]);
    }
}
