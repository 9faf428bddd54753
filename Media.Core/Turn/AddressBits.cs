using System.Buffers.Binary;
using System.Net;

namespace Parley.Media.Core.Turn;

/// <summary>Addresses as 128 bits, IPv4 in its mapped form (RFC 4291 section 2.5.5.2), so that one comparison covers both spellings.</summary>
public static class AddressBits
{
    private static readonly UInt128 Mapped = (UInt128)0xffff << 32;

    /// <summary>The bits of an address.</summary>
    public static UInt128 Of(IPAddress address)
    {
        Span<byte> bytes = stackalloc byte[16];
        address.MapToIPv6().TryWriteBytes(bytes, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    /// <summary>The bits of an IPv4 address given as a number.</summary>
    public static UInt128 OfIPv4(uint address) => Mapped | address;

    /// <summary>Whether these are an IPv4 address's bits, and which.</summary>
    public static bool IsIPv4(UInt128 bits, out uint address)
    {
        address = (uint)bits;
        return bits >> 32 == 0xffff;
    }
}
