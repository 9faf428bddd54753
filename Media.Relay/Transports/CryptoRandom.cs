using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parley.Media.Relay.Transports;

/// <summary>Random numbers that nobody can predict, drawn in blocks. One thread.</summary>
internal sealed class CryptoRandom : Random
{
    private readonly byte[] _block = new byte[512];
    private int _used = int.MaxValue;

    /// <inheritdoc/>
    public override int Next() => Next(int.MaxValue);

    /// <inheritdoc/>
    public override int Next(int maxValue) => Next(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue) => (int)NextInt64(minValue, maxValue);

    /// <inheritdoc/>
    public override long NextInt64() => NextInt64(0, long.MaxValue);

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(maxValue, minValue);
        var range = (ulong)maxValue - (ulong)minValue;
        // The high half of a 128-bit product: the bias is below 2^-32 for the ranges used here, and none for a whole one.
        return range == 0 ? minValue : (long)((ulong)minValue + Math.BigMul(range, Take(), out _));
    }

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer) => RandomNumberGenerator.Fill(buffer);

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer) => RandomNumberGenerator.Fill(buffer);

    /// <inheritdoc/>
    public override double NextDouble() => Sample();

    /// <inheritdoc/>
    public override float NextSingle() => (Take() >> 40) * (1f / (1 << 24));

    /// <inheritdoc/>
    protected override double Sample() => (Take() >> 11) * (1.0 / (1L << 53));

    private ulong Take()
    {
        if (_used > _block.Length - sizeof(ulong))
        {
            RandomNumberGenerator.Fill(_block);
            _used = 0;
        }

        var value = BinaryPrimitives.ReadUInt64LittleEndian(_block.AsSpan(_used));
        _used += sizeof(ulong);
        return value;
    }
}
