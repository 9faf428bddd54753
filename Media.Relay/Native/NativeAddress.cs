using System.Buffers.Binary;
using Parley.Media.Core;
using Parley.Media.Core.Turn;

namespace Parley.Media.Relay.Native;

/// <summary>struct sockaddr_in and sockaddr_in6. A socket of the IPv6 family has IPv4 addresses in their mapped form.</summary>
internal static class NativeAddress
{
    /// <summary>Room for either.</summary>
    public const int Size = 32;

    private const int Inet = 16, Inet6 = 28;

    /// <summary>Writes an address as a socket of a family wants it; 0 if that family cannot reach it.</summary>
    public static int Write(Span<byte> to, AddressKey address, bool isIPv6)
    {
        if (!isIPv6)
        {
            if (!AddressBits.IsIPv4(address.Address, out var v4)) return 0;
            BinaryPrimitives.WriteUInt16LittleEndian(to, Libc.AddressFamilyInet);
            BinaryPrimitives.WriteUInt16BigEndian(to[2..], address.Port);
            BinaryPrimitives.WriteUInt32BigEndian(to[4..], v4);
            to[8..Inet].Clear();
            return Inet;
        }

        BinaryPrimitives.WriteUInt16LittleEndian(to, Libc.AddressFamilyInet6);
        BinaryPrimitives.WriteUInt16BigEndian(to[2..], address.Port);
        to[4..8].Clear();
        BinaryPrimitives.WriteUInt128BigEndian(to[8..], address.Address);
        to[24..Inet6].Clear();
        return Inet6;
    }

    /// <summary>Reads what the kernel wrote.</summary>
    public static AddressKey Read(ReadOnlySpan<byte> from)
    {
        var port = BinaryPrimitives.ReadUInt16BigEndian(from[2..]);
        return BinaryPrimitives.ReadUInt16LittleEndian(from) == Libc.AddressFamilyInet
            ? AddressKey.OfIPv4(BinaryPrimitives.ReadUInt32BigEndian(from[4..]), port)
            : new(BinaryPrimitives.ReadUInt128BigEndian(from[8..]), port);
    }

    /// <summary>Whether this is 0.0.0.0 or [::].</summary>
    public static bool IsAny(AddressKey address) => address.Address == 0 || (AddressBits.IsIPv4(address.Address, out var v4) && v4 == 0);
}
