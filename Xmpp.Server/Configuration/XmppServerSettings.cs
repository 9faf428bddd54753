using System.Net;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Server.Federation;

namespace Parley.Xmpp.Server.Configuration;

/// <summary>Everything that the XMPP server is told, with its defaults resolved.</summary>
public sealed class XmppServerSettings
{
    private readonly HashSet<string> _domains;
    private readonly Dictionary<string, string> _parentByGuest = new(StringComparer.Ordinal);
    private readonly Dictionary<string, ComponentOptions> _components = new(StringComparer.Ordinal);

    /// <summary>Resolves the defaults of the four sections; ask <see cref="Validate"/> before using the result.</summary>
    public XmppServerSettings(ServerOptions server, ListenersOptions listeners, AuthOptions auth, GuestsOptions guests)
    {
        (Server, Listeners, Auth, Guests) = (server, listeners, auth, guests);
        Domains = server.Domains.Prepend(server.Domain).Select(Prepare).Distinct(StringComparer.Ordinal).ToArray();
        _domains = new HashSet<string>(Domains, StringComparer.Ordinal);
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

    /// <summary>The section <c>Sessions</c>.</summary>
    public SessionsOptions Sessions { get; init; } = new();

    /// <summary>The section <c>ClientState</c>.</summary>
    public ClientStateOptions ClientState { get; init; } = new();

    /// <summary>The section <c>Storage</c>.</summary>
    public StorageOptions Storage { get; init; } = new();

    /// <summary>The section <c>Components</c>.</summary>
    public IReadOnlyList<ComponentOptions> Components
    {
        get;
        init
        {
            field = value;
            foreach (var component in value) _components.TryAdd(Prepare(component.Name), component);
        }
    } = [];

    /// <summary>The section <c>Federation</c>.</summary>
    public FederationOptions Federation { get; init; } = new();

    /// <summary>Whether there are streams with other servers.</summary>
    public bool FederationEnabled => Federation.Enabled ?? !IsLoopbackOnly;

    /// <summary>Whether nothing is said to other servers without TLS.</summary>
    public bool FederationRequiresTls => Federation.RequireTls ?? !IsLoopbackOnly;

    /// <summary>The section <c>Limits</c>, as it was written.</summary>
    public LimitsOptions LimitsOptions
    {
        get;
        init => (field, Limits) = (value, value.ToLimits());
    } = new();

    /// <summary>Bounds on what a stream may use.</summary>
    public StreamLimits Limits { get; init; } = new();

    /// <summary>The served domains; the first is <c>Server:Domain</c>.</summary>
    public IReadOnlyList<string> Domains { get; }

    /// <summary>Whether a domain, prepared, is a served one.</summary>
    public bool Serves(string domain) => _domains.Contains(domain);

    /// <summary>The address to bind to; <see cref="IPAddress.Any"/> for all.</summary>
    public IPAddress BindAddress { get; }

    /// <summary>Whether only loopback is bound.</summary>
    public bool IsLoopbackOnly => IPAddress.IsLoopback(BindAddress);

    /// <summary>The networks of reverse proxies that are believed.</summary>
    public IReadOnlyList<IPNetwork> TrustedProxies => field ??= [.. Listeners.Http.TrustedProxies.Select(p => IPNetwork.TryParse(p, out var network) ? network : (IPNetwork?)null).OfType<IPNetwork>()];

    /// <summary>Whether many people may be behind an address of a connection, none of whom is to suffer for the others: a loopback address, or a reverse proxy that is believed.</summary>
    /// <param name="address">It, not inside IPv6 where it is none of it.</param>
    public bool IsShared(IPAddress address) => IPAddress.IsLoopback(address) || TrustedProxies.Any(p => p.Contains(address));

    /// <summary>The data directory, absolute.</summary>
    public string DataDirectory { get; }

    /// <summary>Whether guests may come: where nothing is said, only while nobody comes from elsewhere, by way of a reverse proxy either.</summary>
    public bool GuestsEnabled => Guests.Enabled ?? (IsLoopbackOnly && Listeners.Http.TrustedProxies.Count == 0);

    /// <summary>The guest domains.</summary>
    public IEnumerable<string> GuestDomains => _parentByGuest.Keys;

    /// <summary>The guest domain of a served domain; null while guests are off.</summary>
    public string? GuestDomainOf(string domain) => _parentByGuest.FirstOrDefault(p => p.Value == domain).Key;

    /// <summary>The served domain that a guest domain belongs to; null if it is none.</summary>
    public string? ParentOfGuestDomain(string domain) => _parentByGuest.GetValueOrDefault(domain);

    /// <summary>The domains of external components.</summary>
    public IEnumerable<string> ComponentDomains => _components.Keys;

    /// <summary>The external component of a domain; null if there is none.</summary>
    public ComponentOptions? FindComponent(string domain) => _components.GetValueOrDefault(domain);

    /// <summary>The served domain that an external component belongs to: the one above it, else the first.</summary>
    public string ParentOfComponent(string domain) => Domains.Where(d => domain.EndsWith("." + d, StringComparison.Ordinal)).MaxBy(d => d.Length) ?? Domains[0];

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
        if (Server.StunServer is { } stun && StunServerName.Read(stun) is null) faults.Add($"Server:StunServer: \"{stun}\" is not a host or host:port, such as stun.example.net:3478.");
        if (Server.StunServer is not null && Server.AdvertisedAddress != "auto") faults.Add("Server:StunServer: is asked only where Server:AdvertisedAddress is \"auto\"; take one of the two away.");
        if (Server.Certificate is { } pem && !File.Exists(pem)) faults.Add($"Server:Certificate: there is no file {pem}.");
        if (Server.CertificateKey is { } key && !File.Exists(key)) faults.Add($"Server:CertificateKey: there is no file {key}.");
        if (Server.CertificateKey is not null && Server.Certificate is null) faults.Add("Server:CertificateKey: needs Server:Certificate.");
        CertificateSettings.Check(this, faults);
        CheckPort(faults, "C2S", Listeners.C2S.Port);
        CheckPort(faults, "C2STls", Listeners.C2STls.Port);
        CheckPort(faults, "S2S", Listeners.S2S.Port);
        CheckPort(faults, "S2STls", Listeners.S2STls.Port);
        CheckPort(faults, "Component", Listeners.Component.Port);
        CheckComponents(faults);
        CheckFederation(faults);
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

        for (var i = 0; i < Listeners.Http.TrustedProxies.Count; i++)
        {
            if (!IPNetwork.TryParse(Listeners.Http.TrustedProxies[i], out var network)) faults.Add($"Listeners:Http:TrustedProxies:{i}: \"{Listeners.Http.TrustedProxies[i]}\" is not a network such as 127.0.0.1/32.");
            else if (network.PrefixLength == 0) faults.Add($"Listeners:Http:TrustedProxies:{i}: \"{Listeners.Http.TrustedProxies[i]}\" is everybody, and everybody could say to come from anywhere.");
        }

        if (Sessions.ResumptionTime < TimeSpan.Zero || Sessions.ResumptionTime > SessionsOptions.LongestResumptionTime) faults.Add($"Sessions:ResumptionTime: must be between 00:00:00 and {SessionsOptions.LongestResumptionTime}.");
        if (Auth.TokenLifetime < TimeSpan.Zero || Auth.TokenLifetime > TimeSpan.FromDays(366)) faults.Add("Auth:TokenLifetime: must be between 00:00:00 and 366.00:00:00.");
        if (ClientState.MaxHeld is < 1 or > 10_000) faults.Add("ClientState:MaxHeld: must be between 1 and 10000.");
        if (ClientState.MaxHeldBytes is < 1 or > 4 * 1024 * 1024) faults.Add("ClientState:MaxHeldBytes: must be between 1 and 4194304.");
        faults.AddRange(LimitsOptions.Validate());
        if (Storage.Fault is { } storage) faults.Add(storage);
        if (Guests.Domain is { } guest && !IsDomain(guest)) faults.Add($"Guests:Domain: \"{guest}\" is not a domain name.");
        foreach (var taken in GuestDomains.Where(g => Domains.Contains(g))) faults.Add($"Guests:Domain: {taken} is a served domain already.");
        return faults;
    }

    private void CheckComponents(List<string> faults)
    {
        if (Listeners.Component.BindAddress is { } bind && !IPAddress.TryParse(bind, out _)) faults.Add($"Listeners:Component:BindAddress: \"{bind}\" is not an IP address.");
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var i = 0; i < Components.Count; i++)
        {
            var name = Prepare(Components[i].Name);
            if (!IsDomain(name)) faults.Add($"Components:{i}:Name: \"{name}\" is not a domain name.");
            else if (Domains.Contains(name) || _parentByGuest.ContainsKey(name)) faults.Add($"Components:{i}:Name: {name} is a domain that the server itself serves.");
            else if (!names.Add(name)) faults.Add($"Components:{i}:Name: {name} is another component's name already.");
            if (Components[i].Secret.Length == 0) faults.Add($"Components:{i}:Secret: must not be empty.");
        }
    }

    private void CheckFederation(List<string> faults)
    {
        if (Federation.TrustedRoots is { } roots && !File.Exists(roots)) faults.Add($"Federation:TrustedRoots: there is no file {roots}.");
        foreach (var (key, patterns) in new[] { ("Allow", Federation.Allow), ("Deny", Federation.Deny) })
        {
            for (var i = 0; i < patterns.Count; i++)
            {
                if (!FederationPolicy.IsPattern(patterns[i])) faults.Add($"Federation:{key}:{i}: \"{patterns[i]}\" is not a domain such as example.org or *.example.org.");
            }
        }

        for (var i = 0; i < Federation.Nameservers.Count; i++)
        {
            if (!IPEndPoint.TryParse(Federation.Nameservers[i], out _)) faults.Add($"Federation:Nameservers:{i}: \"{Federation.Nameservers[i]}\" is not an address such as 192.0.2.53 or 192.0.2.53:5353.");
        }

        if (Federation.RetryTime < TimeSpan.Zero || Federation.RetryTime > FederationOptions.LongestRetryTime) faults.Add($"Federation:RetryTime: must be between 00:00:00 and {FederationOptions.LongestRetryTime}.");
        if (Federation.QueueStanzas < 1) faults.Add("Federation:QueueStanzas: must be at least 1.");
        if (Federation.QueueBytes < 1) faults.Add("Federation:QueueBytes: must be at least 1.");
        if (Federation.MaxDomains < 1) faults.Add("Federation:MaxDomains: must be at least 1.");
        if (Federation.MaxDomainsPerSender < 1) faults.Add("Federation:MaxDomainsPerSender: must be at least 1.");
    }

    private static void CheckPort(List<string> faults, string name, int port)
    {
        if (port is < 0 or > 65535) faults.Add($"Listeners:{name}:Port: {port} is not between 0 and 65535.");
    }

    // Only what listens today: the ports kept for later may be lent until then.
    private void CheckShared(List<string> faults)
    {
        var listeners = new (string Name, int Port)[] { ("C2S", Listeners.C2S.Port), ("C2STls", Listeners.C2STls.Port), ("Http", Listeners.Http.Port), ("Https", Listeners.Https.Port), ("Component", Components.Count > 0 ? Listeners.Component.Port : 0), ("S2S", FederationEnabled ? Listeners.S2S.Port : 0), ("S2STls", FederationEnabled ? Listeners.S2STls.Port : 0) };
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
