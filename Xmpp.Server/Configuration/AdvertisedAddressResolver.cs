using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>Finds the address that others reach this server at.</summary>
public static class AdvertisedAddressResolver
{
    private const string Key = "Server:AdvertisedAddress";

    /// <summary>Resolves <c>Server:AdvertisedAddress</c>.</summary>
    /// <exception cref="StartFailureException">A host name that does not resolve, or an address of no use to others.</exception>
    public static IPAddress Resolve(XmppServerSettings settings)
    {
        var text = settings.Server.AdvertisedAddress;
        if (text == "auto") return Auto(settings.BindAddress, InterfaceAddresses());
        if (IPAddress.TryParse(text, out var literal))
        {
            return IsAny(literal) ? throw new StartFailureException(Key, $"{text} means any address; give the one that others reach.") : literal;
        }

        try
        {
            var found = Dns.GetHostAddresses(text);
            return found.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? found.FirstOrDefault()
                ?? throw new StartFailureException(Key, $"the host name {text} has no address.");
        }
        catch (SocketException e)
        {
            throw new StartFailureException(Key, $"the host name {text} cannot be resolved ({e.Message}).", e);
        }
    }

    /// <summary>What <c>auto</c> means for a bind address on a machine with these addresses.</summary>
    public static IPAddress Auto(IPAddress bind, IReadOnlyList<IPAddress> interfaces)
    {
        if (!IsAny(bind)) return bind;
        return interfaces.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !IsPrivate(a))
            ?? interfaces.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
            ?? (interfaces.Count > 0 ? interfaces[0] : IPAddress.Loopback);
    }

    /// <summary>What the operator should be told.</summary>
    public static IReadOnlyList<string> Warn(XmppServerSettings settings, IPAddress advertised)
    {
        var isPublicDomain = settings.Domains.Any(d => d.Contains('.', StringComparison.Ordinal) && !IsTestDomain(d));
        if (isPublicDomain && !settings.IsLoopbackOnly && IsPrivate(advertised))
        {
            return [$"{Key}: {advertised} is a private address, but {settings.Domains[0]} looks public. Calls from outside will have no sound and no picture: set it to the public address of this machine."];
        }

        return [];
    }

    /// <summary>Whether an address means nothing on the public Internet.</summary>
    public static bool IsPrivate(IPAddress address)
    {
        if (address.IsIPv4MappedToIPv6) address = address.MapToIPv4();
        if (IPAddress.IsLoopback(address)) return true;
        if (address.AddressFamily == AddressFamily.InterNetworkV6) return address.IsIPv6LinkLocal || address.IsIPv6UniqueLocal || address.IsIPv6SiteLocal;
        var b = address.GetAddressBytes();
        return b[0] switch
        {
            10 => true,
            172 => b[1] is >= 16 and < 32,
            192 => b[1] == 168,
            169 => b[1] == 254,
            100 => b[1] is >= 64 and < 128, // RFC 6598: carrier-grade NAT
            _ => false,
        };
    }

    private static bool IsAny(IPAddress a) => a.Equals(IPAddress.Any) || a.Equals(IPAddress.IPv6Any);

    // RFC 2606 and RFC 6761: names that no public resolver answers.
    private static bool IsTestDomain(string domain) =>
        domain.EndsWith(".test", StringComparison.Ordinal) || domain.EndsWith(".localhost", StringComparison.Ordinal) || domain.EndsWith(".local", StringComparison.Ordinal)
        || domain.EndsWith(".invalid", StringComparison.Ordinal) || domain.EndsWith(".internal", StringComparison.Ordinal);

    private static IPAddress[] InterfaceAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up || i.OperationalStatus == OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(u => u.Address)
            .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal)];
}
