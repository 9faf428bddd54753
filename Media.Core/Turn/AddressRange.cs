using System.Net;

namespace Parley.Media.Core.Turn;

/// <summary>A range of addresses by prefix; IPv4 prefixes count from the mapped form's 96th bit.</summary>
public readonly record struct AddressRange
{
    private readonly UInt128 _prefix, _mask;

    /// <summary>Makes a range of bits and a prefix length in the 128-bit form.</summary>
    public AddressRange(UInt128 bits, int length)
    {
        _mask = length == 0 ? UInt128.Zero : UInt128.MaxValue << (128 - length);
        _prefix = bits & _mask;
    }

    /// <summary>Makes a range of a CIDR network.</summary>
    public static AddressRange Of(IPNetwork network)
    {
        var bits = AddressBits.Of(network.BaseAddress);
        var isIPv4 = network.BaseAddress.GetAddressBytes().Length == 4;
        return new AddressRange(bits, network.PrefixLength + (isIPv4 ? 96 : 0));
    }

    /// <summary>Makes a range of its CIDR text.</summary>
    public static AddressRange Parse(string cidr) => Of(IPNetwork.Parse(cidr));

    /// <summary>Whether an address lies inside.</summary>
    public bool Contains(UInt128 bits) => (bits & _mask) == _prefix;
}
