namespace Parley.Media.Core.Video;

/// <summary>Reads bits, the highest of a byte first; beyond the end there are zeros.</summary>
/// <param name="bytes">What is read.</param>
internal ref struct BitReader(ReadOnlySpan<byte> bytes)
{
    private readonly ReadOnlySpan<byte> _bytes = bytes;
    private int _at;

    /// <summary>Whether more was read than is there.</summary>
    public readonly bool IsOver => _at > _bytes.Length * 8;

    /// <summary>Reads a number of at most 31 bits.</summary>
    public int Read(int count)
    {
        var value = 0;
        for (; count > 0; count--, _at++) value = (value << 1) | (_at < _bytes.Length * 8 ? (_bytes[_at >> 3] >> (7 - (_at & 7))) & 1 : 0);
        return value;
    }
}
