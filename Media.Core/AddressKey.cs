using System.Buffers.Binary;
using System.Net;
using Parley.Media.Core.Turn;

namespace Parley.Media.Core;

/// <summary>An IP address and port as a plain value, to be compared and hashed without allocating. IPv4 is kept in its mapped form (see <see cref="AddressBits"/>).</summary>
/// <param name="Address">The address as <see cref="AddressBits"/> has it.</param>
/// <param name="Port">The port.</param>
public readonly record struct AddressKey(UInt128 Address, ushort Port)
{
    /// <summary>Whether the address is an IPv4 one.</summary>
    public bool IsIPv4 => AddressBits.IsIPv4(Address, out _);

    /// <summary>The key of an address and port.</summary>
    public static AddressKey Of(IPEndPoint address) => new(AddressBits.Of(address.Address), (ushort)address.Port);

    /// <summary>The key of an IPv4 address given as a number, and a port.</summary>
    public static AddressKey OfIPv4(uint address, ushort port) => new(AddressBits.OfIPv4(address), port);

    /// <summary>Reads 4 or 16 address bytes in network order.</summary>
    public static bool TryRead(ReadOnlySpan<byte> address, ushort port, out AddressKey key)
    {
        key = address.Length switch
        {
            4 => OfIPv4(BinaryPrimitives.ReadUInt32BigEndian(address), port),
            16 => new(BinaryPrimitives.ReadUInt128BigEndian(address), port),
            _ => default,
        };
        return address.Length is 4 or 16;
    }

    /// <summary>Writes the address in network order: 4 bytes for IPv4, else 16.</summary>
    /// <returns>How many bytes were written.</returns>
    public int WriteAddress(Span<byte> destination)
    {
        if (AddressBits.IsIPv4(Address, out var v4))
        {
            BinaryPrimitives.WriteUInt32BigEndian(destination, v4);
            return 4;
        }

        BinaryPrimitives.WriteUInt128BigEndian(destination, Address);
        return 16;
    }

    /// <summary>The same as an object of the framework; allocates, so for control time only.</summary>
    public IPEndPoint ToIPEndPoint()
    {
        Span<byte> bytes = stackalloc byte[16];
        return new IPEndPoint(new IPAddress(bytes[..WriteAddress(bytes)]), Port);
    }

    /// <inheritdoc/>
    public override string ToString() => ToIPEndPoint().ToString();

    /// <inheritdoc/>
    public override int GetHashCode() => ((Address.GetHashCode() * 397) ^ Port) * 31;
}
