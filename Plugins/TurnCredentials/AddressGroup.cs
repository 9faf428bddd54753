using System.Net;
using System.Net.Sockets;

namespace Parley.Plugins.TurnCredentials;

/// <summary>The group that a guest's use counts in: everybody behind one /24 or /56 (what one household or office has) shares it.</summary>
public static class AddressGroup
{
    /// <summary>The name of an address's group.</summary>
    public static string Of(IPAddress? address)
    {
        if (address is null) return "guest:unknown";
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        var kept = address.AddressFamily == AddressFamily.InterNetwork ? 3 : 7;
        var bytes = address.GetAddressBytes();
        bytes.AsSpan(kept).Clear();
        return $"guest:{new IPAddress(bytes)}/{kept * 8}";
    }
}
