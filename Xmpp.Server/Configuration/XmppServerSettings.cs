using System.Net;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>Everything that the XMPP server is told, with its defaults resolved.</summary>
public sealed class XmppServerSettings
{
    private readonly Dictionary<string, string> _parentByGuest = new(StringComparer.Ordinal);

    /// <summary>Resolves the defaults of the four sections; ask <see cref="Validate"/> before using the result.</summary>
    public XmppServerSettings(ServerOptions server, ListenersOptions listeners, AuthOptions auth, GuestsOptions guests)
    {
        (Server, Listeners, Auth, Guests) = (server, listeners, auth, guests);
        Domains = server.Domains.Prepend(server.Domain).Select(Prepare).Distinct(StringComparer.Ordinal).ToArray();
        BindAddress = server.BindAddress is { } text && IPAddress.TryParse(text, out var bind) ? bind
            : Domains[0] == "localhost" ? IPAddress.Loopback : IPAddress.Any;
        DataDirectory = Path.GetFullPath(IsPath(server.DataDirectory) ? server.DataDirectory : new ServerOptions().DataDirectory);
        if (!GuestsEnabled) return;
        foreach (var domain in Domains)
        {
            // A guest domain that is named belongs to the first domain; the others keep the default name.
            var guest = domain == Domains[0] && guests.Domain is { } named ? Prepare(named) : "guest." + domain;
            _parentByGuest.TryAdd(guest, domain);
        }
    }

    /// <summary>The section <c>Server</c>.</summary>
    public ServerOptions Server { get; }

    /// <summary>The section <c>Listeners</c>.</summary>
    public ListenersOptions Listeners { get; }

    /// <summary>The section <c>Auth</c>.</summary>
    public AuthOptions Auth { get; }

    /// <summary>The section <c>Guests</c>.</summary>
    public GuestsOptions Guests { get; }

    /// <summary>Bounds on what a stream may use.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>The served domains; the first is <c>Server:Domain</c>.</summary>
    public IReadOnlyList<string> Domains { get; }

    /// <summary>The address to bind to; <see cref="IPAddress.Any"/> for all.</summary>
    public IPAddress BindAddress { get; }

    /// <summary>Whether only loopback is bound.</summary>
    public bool IsLoopbackOnly => IPAddress.IsLoopback(BindAddress);

    /// <summary>The data directory, absolute.</summary>
    public string DataDirectory { get; }

    /// <summary>Whether guests may come.</summary>
    public bool GuestsEnabled => Guests.Enabled ?? IsLoopbackOnly;

    /// <summary>The guest domains.</summary>
    public IEnumerable<string> GuestDomains => _parentByGuest.Keys;

    /// <summary>The guest domain of a served domain; null while guests are off.</summary>
    public string? GuestDomainOf(string domain) => _parentByGuest.FirstOrDefault(p => p.Value == domain).Key;

    /// <summary>The served domain that a guest domain belongs to; null if it is none.</summary>
    public string? ParentOfGuestDomain(string domain) => _parentByGuest.GetValueOrDefault(domain);

    /// <summary>The faults, each a line that begins with its key; empty if there are none.</summary>
    public IReadOnlyList<string> Validate()
    {
        var faults = new List<string>();
        if (!IsDomain(Server.Domain)) faults.Add($"Server:Domain: \"{Server.Domain}\" is not a domain name.");
        for (var i = 0; i < Server.Domains.Count; i++)
        {
            if (!IsDomain(Server.Domains[i])) faults.Add($"Server:Domains:{i}: \"{Server.Domains[i]}\" is not a domain name.");
        }

        if (!IsPath(Server.DataDirectory)) faults.Add("Server:DataDirectory: must name a directory.");
        if (Server.BindAddress is { } bind && !IPAddress.TryParse(bind, out _)) faults.Add($"Server:BindAddress: \"{bind}\" is not an IP address.");
        if (string.IsNullOrWhiteSpace(Server.AdvertisedAddress)) faults.Add("Server:AdvertisedAddress: must be \"auto\", an IP address or a host name.");
        if (Server.Certificate is { } pem && !File.Exists(pem)) faults.Add($"Server:Certificate: there is no file {pem}.");
        if (Server.CertificateKey is { } key && !File.Exists(key)) faults.Add($"Server:CertificateKey: there is no file {key}.");
        if (Server.CertificateKey is not null && Server.Certificate is null) faults.Add("Server:CertificateKey: needs Server:Certificate.");
        CheckPort(faults, "C2S", Listeners.C2S.Port);
        CheckPort(faults, "C2STls", Listeners.C2STls.Port);
        CheckPort(faults, "S2S", Listeners.S2S.Port);
        CheckPort(faults, "S2STls", Listeners.S2STls.Port);
        CheckPort(faults, "Component", Listeners.Component.Port);
        CheckPort(faults, "Http", Listeners.Http.Port);
        CheckPort(faults, "Https", Listeners.Https.Port);
        CheckShared(faults);
        for (var i = 0; i < Listeners.Http.AllowedOrigins.Count; i++)
        {
            if (!IsOrigin(Listeners.Http.AllowedOrigins[i])) faults.Add($"Listeners:Http:AllowedOrigins:{i}: \"{Listeners.Http.AllowedOrigins[i]}\" is not an origin such as https://chat.example.org.");
        }

        for (var i = 0; i < Listeners.Http.MetricsFrom.Count; i++)
        {
            if (!IPNetwork.TryParse(Listeners.Http.MetricsFrom[i], out _)) faults.Add($"Listeners:Http:MetricsFrom:{i}: \"{Listeners.Http.MetricsFrom[i]}\" is not a network such as 192.0.2.0/24.");
        }

        if (Guests.Domain is { } guest && !IsDomain(guest)) faults.Add($"Guests:Domain: \"{guest}\" is not a domain name.");
        foreach (var taken in GuestDomains.Where(g => Domains.Contains(g))) faults.Add($"Guests:Domain: {taken} is a served domain already.");
        return faults;
    }

    private static void CheckPort(List<string> faults, string name, int port)
    {
        if (port is < 0 or > 65535) faults.Add($"Listeners:{name}:Port: {port} is not between 0 and 65535.");
    }

    // Only what listens today: the ports kept for later may be lent until then.
    private void CheckShared(List<string> faults)
    {
        var listeners = new (string Name, int Port)[] { ("C2S", Listeners.C2S.Port), ("C2STls", Listeners.C2STls.Port), ("Http", Listeners.Http.Port), ("Https", Listeners.Https.Port) };
        foreach (var same in listeners.Where(l => l.Port > 0).GroupBy(l => l.Port, l => l.Name).Where(g => g.Count() > 1))
        {
            faults.Add($"Listeners:{same.Last()}:Port: {same.Key} is the port of Listeners:{same.First()} already.");
        }
    }

    private static bool IsPath(string text) => !string.IsNullOrWhiteSpace(text) && !text.Contains('\0', StringComparison.Ordinal);

    // RFC 6454 section 6.2: scheme, host and port, nothing more. A slash at the end does no harm.
    private static bool IsOrigin(string text) => Uri.TryCreate(text, UriKind.Absolute, out var uri) && uri.Scheme is "http" or "https" && uri.Host.Length > 0
        && uri.PathAndQuery == "/" && uri.Fragment.Length == 0 && uri.UserInfo.Length == 0;

    private static string Prepare(string domain) => IsDomain(domain) ? Jid.Parse(domain).Domain : domain;

    private static bool IsDomain(string text) => Jid.TryParse(text, out var jid) && jid.Local is null && jid.Resource is null;
}
