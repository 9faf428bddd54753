using System.Net;

namespace Parley.Xmpp.Core.Addressing;

/// <summary>Which addresses and names mean something on the public Internet.</summary>
public static class PublicReach
{
    // RFC 2606, RFC 6761, RFC 6762, and .internal (ICANN, 2024): names that no public resolver answers. Not .example, which stands for a public name wherever
    // it is written: an operator who rehearses with it wants to be told what he would be told in earnest.
    private static readonly string[] PrivateDomains = [".test", ".localhost", ".local", ".invalid", ".internal"];

    /// <summary>Whether an address means nothing there: loopback, private (RFC 1918, RFC 4193), link-local, or behind a carrier's NAT (RFC 6598).</summary>
    public static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return true;
        var b = address.GetAddressBytes();
        if (b.Length > 4) return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal;
        return b[0] switch
        {
            10 => true,
            172 => b[1] is >= 16 and < 32,
            192 => b[1] == 168,
            169 => b[1] == 254,
            100 => b[1] is >= 64 and < 128,
            _ => false,
        };
    }

    /// <summary>Whether an address can be a host's on the public Internet: neither private nor unspecified, multicast or reserved (RFC 6890).</summary>
    public static bool IsPublic(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IsPrivate(address) || address.IsIPv6Multicast || address.Equals(IPAddress.IPv6Any)) return false;
        return address.GetAddressBytes() is not { Length: 4 } b || b[0] is > 0 and < 224;
    }

    /// <summary>Whether a domain is one that public resolvers can know: a name of several labels, none of those that are kept for tests and private networks.</summary>
    public static bool IsPublicDomain(string domain) => domain.Contains('.', StringComparison.Ordinal) && !IPAddress.TryParse(domain, out _)
        && !PrivateDomains.Any(p => domain.EndsWith(p, StringComparison.OrdinalIgnoreCase));
}
