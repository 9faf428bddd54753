using System.Runtime.CompilerServices;

namespace Parley.Media.Core.Srtp;

/// <summary>Which of the latest 960 and more indices were used (RFC 3711 section 3.3.2), as a ring of bits in blocks of 64 (RFC 6479).</summary>
internal struct ReplayWindow
{
    private const int Blocks = 16;

    private Bits _bits;
    private bool _any;

    /// <summary>The highest index added; 0 if none was.</summary>
    public ulong Highest { get; private set; }

    /// <summary>Whether anything was added.</summary>
    public readonly bool Any => _any;

    /// <summary>Whether an index may be used: new, or late and not used so far.</summary>
    public readonly bool Accepts(ulong index)
    {
        if (!_any || index > Highest) return true;
        return (Highest >> 6) - (index >> 6) < Blocks && (_bits[(int)((index >> 6) % Blocks)] & (1ul << (int)(index & 63))) == 0;
    }

    /// <summary>Notes that an index is used.</summary>
    public void Add(ulong index)
    {
        if (!_any || index > Highest)
        {
            var from = _any ? Highest >> 6 : index >> 6;
            var steps = Math.Min((index >> 6) - from, Blocks);
            for (var i = 0ul; i < steps; i++) _bits[(int)(((index >> 6) - i) % Blocks)] = 0;
            (_any, Highest) = (true, index);
        }

        _bits[(int)((index >> 6) % Blocks)] |= 1ul << (int)(index & 63);
    }

    /// <summary>
    /// The 48-bit index that a 16-bit sequence number most likely means (RFC 3711 section 3.3.1 and appendix A): the one nearest to the highest. The first packet's
    /// rollover counter is 0.
    /// </summary>
    public readonly bool TryEstimate(ushort sequence, out ulong index)
    {
        var estimate = _any ? (long)Highest + (short)(sequence - (ushort)Highest) : sequence;
        index = (ulong)estimate;
        return estimate is >= 0 and < 1L << 48;
    }

    [InlineArray(Blocks)]
    private struct Bits
    {
        private ulong _first;
    }
}
