using System.Net;
using System.Net.Sockets;

namespace Parley.Doctor.Network;

/// <summary>What addresses are.</summary>
internal static class Addresses
{
    /// <summary>An address and port as one writes them.</summary>
    public static string Write(IPAddress address, int port) => new IPEndPoint(address, port).ToString();

    /// <summary>The addresses of a name or literal, IPv4 first; empty if there are none.</summary>
    public static async Task<IReadOnlyList<IPAddress>> ResolveAsync(string host, CancellationToken ct)
    {
        if (IPAddress.TryParse(host, out var literal)) return [literal];
        try
        {
            return [.. (await Dns.GetHostAddressesAsync(host, ct)).OrderBy(a => a.AddressFamily == AddressFamily.InterNetworkV6)];
        }
        catch (SocketException)
        {
            return [];
        }
    }
}
