using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>Asks a STUN server for the address that it sees this machine at.</summary>
/// <param name="server">The server.</param>
/// <param name="bind">The local address to ask from; any (0.0.0.0) for whichever leads there.</param>
/// <returns>The address; null if no answer comes.</returns>
public delegate IPAddress? AskStun(DnsEndPoint server, IPAddress bind);

/// <summary>Finds the address that others reach this server at.</summary>
public static class AdvertisedAddressResolver
{
    private const string Key = "Server:AdvertisedAddress";

    /// <summary>Resolves <c>Server:AdvertisedAddress</c>. Takes as long as a name or a STUN server takes to answer.</summary>
    /// <param name="settings">The settings.</param>
    /// <param name="ask">How a STUN server is asked; null: none is.</param>
    /// <param name="known">What it was before; null at the start.</param>
    /// <exception cref="StartFailureException">A host name that does not resolve, or an address of no use to others.</exception>
    public static IPAddress Resolve(XmppServerSettings settings, AskStun? ask = null, IPAddress? known = null)
    {
        var text = settings.Server.AdvertisedAddress;
        if (text == "auto") return Auto(settings, ask, known, InterfaceAddresses());
        if (IPAddress.TryParse(text, out var literal))
        {
            return IsAny(literal) ? throw new StartFailureException(Key, $"{text} means any address; give the one that others reach.") : literal;
        }

        try
        {
            var named = Dns.GetHostAddresses(text);
            return named.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork) ?? named.FirstOrDefault()
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
        return interfaces.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork && !PublicReach.IsPrivate(a))
            ?? interfaces.FirstOrDefault(a => a.AddressFamily == AddressFamily.InterNetwork)
            ?? (interfaces.Count > 0 ? interfaces[0] : IPAddress.Loopback);
    }

    /// <summary>What <c>auto</c> means, and what it goes on to mean: an address that was chosen stays for as long as an interface has it, whatever others come up beside it.</summary>
    internal static IPAddress Auto(XmppServerSettings settings, AskStun? ask, IPAddress? known, IReadOnlyList<IPAddress> interfaces)
    {
        if (known is not null && interfaces.Count == 0) return known; // without a network for a moment
        var found = known is not null && interfaces.Contains(known) ? known : Auto(settings.BindAddress, interfaces);
        return PublicReach.IsPrivate(found) && !settings.IsLoopbackOnly ? Ask(settings, ask) ?? found : found;
    }

    /// <summary>What the operator should be told.</summary>
    public static IReadOnlyList<string> Warn(XmppServerSettings settings, IPAddress advertised)
    {
        var isPublicDomain = settings.Domains.Any(PublicReach.IsPublicDomain);
        if (isPublicDomain && !settings.IsLoopbackOnly && PublicReach.IsPrivate(advertised))
        {
            var asked = settings.Server.StunServer is { } stun ? $" Server:StunServer: {stun} was asked and told no other." : "";
            return [$"{Key}: {advertised} is a private address, but {settings.Domains[0]} looks public. Calls from outside will have no sound and no picture: set it to the public address of this machine.{asked}"];
        }

        return [];
    }

    private static IPAddress? Ask(XmppServerSettings settings, AskStun? ask) =>
        ask is not null && settings.Server.StunServer is { } text && StunServerName.Read(text) is { } server && ask(server, settings.BindAddress) is { } seen && !IsAny(seen) && !PublicReach.IsPrivate(seen) ? seen : null;

    private static bool IsAny(IPAddress a) => a.Equals(IPAddress.Any) || a.Equals(IPAddress.IPv6Any);

    private static IPAddress[] InterfaceAddresses() =>
        [.. NetworkInterface.GetAllNetworkInterfaces()
            .Where(i => i.OperationalStatus == OperationalStatus.Up || i.OperationalStatus == OperationalStatus.Unknown)
            .SelectMany(i => i.GetIPProperties().UnicastAddresses)
            .Select(u => u.Address)
            .Where(a => !IPAddress.IsLoopback(a) && !a.IsIPv6LinkLocal)];
}
