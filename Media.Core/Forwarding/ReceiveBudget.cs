namespace Parley.Media.Core.Forwarding;

/// <summary>What a sender without transport-wide feedback may send, for REMB: it halves with heavy loss and creeps up without. One per transport.</summary>
public sealed class ReceiveBudget
{
    private const double Min = 100_000, Max = 5_000_000, Start = 2_000_000, Creep = 1.08;
    private double _bits = Start;

    /// <summary>The bitrate to advertise.</summary>
    public ulong BitsPerSecond => (ulong)_bits;

    /// <summary>Evaluates a second's reception.</summary>
    /// <param name="fractionLost">The worst track's, of 256.</param>
    /// <param name="receivedBitsPerSecond">What came.</param>
    public void Update(byte fractionLost, long receivedBitsPerSecond)
    {
        if (fractionLost > 26) _bits = Math.Max(Min, Math.Min(_bits, receivedBitsPerSecond) * (1 - fractionLost / 512.0));
        else if (fractionLost < 5) _bits = Math.Min(Max, _bits * Creep);
    }
}
