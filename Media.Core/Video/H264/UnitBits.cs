namespace Parley.Media.Core.Video.H264;

/// <summary>Reads the bits of a NAL unit, without the bytes that keep start codes out of it (ITU-T H.264 section 7.4.1). Behind the end there are zeros.</summary>
internal ref struct UnitBits(ReadOnlySpan<byte> unit)
{
    private readonly ReadOnlySpan<byte> _unit = unit;
    private int _at, _bit, _zeros;

    /// <summary>Whether more was read than there is.</summary>
    public bool IsOver { get; private set; }

    /// <summary>A number of so many bits.</summary>
    public uint Read(int count)
    {
        uint value = 0;
        for (; count > 0; count--) value = (value << 1) | NextBit();
        return value;
    }

    /// <summary>An unsigned number as Exp-Golomb has it (section 9.1); at most 2^32 - 2.</summary>
    public uint ReadUnsigned()
    {
        var zeros = 0;
        while (zeros < 32 && !IsOver && NextBit() == 0) zeros++;
        if (zeros == 32) IsOver = true;
        return IsOver ? 0 : (uint)((1UL << zeros) - 1) + Read(zeros);
    }

    /// <summary>A signed one (section 9.1.1).</summary>
    public int ReadSigned()
    {
        var value = ReadUnsigned();
        return (value & 1) != 0 ? (int)(value / 2 + 1) : -(int)(value / 2);
    }

    private uint NextBit()
    {
        if (_bit == 0 && _at < _unit.Length && _zeros >= 2 && _unit[_at] == 3) (_at, _zeros) = (_at + 1, 0);
        if (_at >= _unit.Length)
        {
            IsOver = true;
            return 0;
        }

        var bit = (uint)(_unit[_at] >> (7 - _bit)) & 1;
        if (++_bit < 8) return bit;
        _zeros = _unit[_at] == 0 ? _zeros + 1 : 0;
        (_bit, _at) = (0, _at + 1);
        return bit;
    }
}
