using System.Buffers.Binary;

namespace Parley.Media.Core.Turn;

/// <summary>An ICMP error as RFC 8656 section 18.13 tells it to a client.</summary>
/// <param name="Type">The ICMP or ICMPv6 type.</param>
/// <param name="Code">Its code.</param>
/// <param name="Mtu">The next hop's MTU, where the error is that a datagram was too long for it.</param>
public readonly record struct IcmpError(byte Type, byte Code, uint Mtu)
{
    internal const int Length = 8;

    private const byte Unreachable = 3, TimeExceeded = 11, UnreachableIPv6 = 1, TooBigIPv6 = 2, TimeExceededIPv6 = 3, FragmentationNeeded = 4;

    /// <summary>Whether clients are told of it: unreachable, time exceeded, too big (section 11.5).</summary>
    internal bool IsTold(bool isIPv4) => isIPv4 ? Type is Unreachable or TimeExceeded : Type is UnreachableIPv6 or TooBigIPv6 or TimeExceededIPv6;

    // 16 reserved bits, 7 of type, 9 of code, then the error's data, which is the MTU or 0.
    internal void Write(Span<byte> value)
    {
        value.Clear();
        BinaryPrimitives.WriteUInt16BigEndian(value[2..], (ushort)((Type << 9) | Code));
        if ((Type, Code) is (Unreachable, FragmentationNeeded) or (TooBigIPv6, _)) BinaryPrimitives.WriteUInt32BigEndian(value[4..], Mtu);
    }
}
