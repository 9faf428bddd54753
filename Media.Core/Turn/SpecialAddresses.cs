namespace Parley.Media.Core.Turn;

/// <summary>
/// Addresses that are no public unicast ones (RFC 6890 and IANA's two special-purpose registries), however they are written. What embeds an IPv4 address is
/// worth what that is worth.
/// </summary>
public static class SpecialAddresses
{
    private static readonly AddressRange[] IPv4 = Parse(
        "0.0.0.0/8", "10.0.0.0/8", "100.64.0.0/10", "127.0.0.0/8", "169.254.0.0/16", "172.16.0.0/12", "192.0.0.0/24", "192.0.2.0/24", "192.88.99.0/24",
        "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24", "203.0.113.0/24", "224.0.0.0/4", "240.0.0.0/4");

    // Only 2000::/3 is global unicast, less these. 2001::/23 holds Teredo, ORCHID and benchmarking; no peer that media is sent to lives there.
    private static readonly AddressRange[] WithinGlobal = Parse("2001::/23", "2001:db8::/32", "3fff::/20");

    private static readonly AddressRange Global = AddressRange.Parse("2000::/3");
    private static readonly AddressRange SixToFour = AddressRange.Parse("2002::/16");
    private static readonly AddressRange Nat64 = AddressRange.Parse("64:ff9b::/96");

    /// <summary>Whether an address is special.</summary>
    public static bool Contains(UInt128 address)
    {
        if (AddressBits.IsIPv4(address, out _)) return IsIn(IPv4, address);
        if (TryUnwrap(address, out var inner)) return Contains(inner);
        return !Global.Contains(address) || IsIn(WithinGlobal, address);
    }

    /// <summary>The IPv4 address (as bits) that a 6to4 (RFC 3056), NAT64 (RFC 6052) or ISATAP (RFC 5214) address leads to.</summary>
    public static bool TryUnwrap(UInt128 address, out UInt128 inner)
    {
        inner = default;
        if (SixToFour.Contains(address)) inner = AddressBits.OfIPv4((uint)(address >> 80));
        else if (Nat64.Contains(address)) inner = AddressBits.OfIPv4((uint)address);
        else if (Global.Contains(address) && !IsIn(WithinGlobal, address) && ((uint)(address >> 32) & 0xfdffffff) == 0x00005efe) inner = AddressBits.OfIPv4((uint)address);
        else return false;
        return true;
    }

    private static AddressRange[] Parse(params ReadOnlySpan<string> ranges)
    {
        var parsed = new AddressRange[ranges.Length];
        for (var i = 0; i < parsed.Length; i++) parsed[i] = AddressRange.Parse(ranges[i]);
        return parsed;
    }

    private static bool IsIn(AddressRange[] ranges, UInt128 address)
    {
        foreach (var range in ranges)
        {
            if (range.Contains(address)) return true;
        }

        return false;
    }
}
