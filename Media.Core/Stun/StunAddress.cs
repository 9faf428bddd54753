using System.Buffers.Binary;

namespace Parley.Media.Core.Stun;

/// <summary>Addresses as STUN writes them (RFC 8489 sections 14.1 and 14.2).</summary>
internal static class StunAddress
{
    public const int MaxLength = 20;

    public static bool TryReadXor(ReadOnlySpan<byte> value, ReadOnlySpan<byte> transactionId, out AddressKey address)
    {
        address = default;
        var length = value.Length switch { 8 => 4, 20 => 16, _ => 0 };
        if (length == 0 || value[1] != (length == 4 ? 1 : 2)) return false;
        Span<byte> mask = stackalloc byte[16];
        WriteMask(mask, transactionId);
        Span<byte> bytes = stackalloc byte[16];
        for (var i = 0; i < length; i++) bytes[i] = (byte)(value[4 + i] ^ mask[i]);
        var port = (ushort)(BinaryPrimitives.ReadUInt16BigEndian(value[2..]) ^ (StunMessage.Cookie >> 16));
        return AddressKey.TryRead(bytes[..length], port, out address);
    }

    /// <summary>Writes family, port and address; <paramref name="transactionId"/> empty means not XOR'ed.</summary>
    public static int Write(Span<byte> value, AddressKey address, ReadOnlySpan<byte> transactionId)
    {
        Span<byte> mask = stackalloc byte[16];
        mask.Clear();
        if (!transactionId.IsEmpty) WriteMask(mask, transactionId);
        var length = address.WriteAddress(value[4..]);
        value[0] = 0;
        value[1] = (byte)(length == 4 ? 1 : 2);
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)(address.Port ^ BinaryPrimitives.ReadUInt16BigEndian(mask)));
        for (var i = 0; i < length; i++) value[4 + i] ^= mask[i];
        return 4 + length;
    }

    private static void WriteMask(Span<byte> mask, ReadOnlySpan<byte> transactionId)
    {
        BinaryPrimitives.WriteUInt32BigEndian(mask, StunMessage.Cookie);
        transactionId.CopyTo(mask[4..]);
    }
}
