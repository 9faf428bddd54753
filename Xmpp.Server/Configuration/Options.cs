namespace Parley.Xmpp.Server.Configuration;

/// <summary>The section <c>Server</c>.</summary>
public sealed class ServerOptions
{
    /// <summary>The first served domain.</summary>
    public string Domain { get; set; } = "localhost";

    /// <summary>All served domains; <see cref="Domain"/> comes first whether or not it is listed.</summary>
    public IList<string> Domains { get; init; } = [];

    /// <summary>Where everything is kept.</summary>
    public string DataDirectory { get; set; } = "data";

    /// <summary>A literal address to bind to; null: loopback while the domain is <c>localhost</c>, all otherwise.</summary>
    public string? BindAddress { get; set; }

    /// <summary><c>auto</c>, a literal address or a host name.</summary>
    public string AdvertisedAddress { get; set; } = "auto";

    /// <summary>The STUN server that <c>auto</c> asks where no interface has a public address, <c>host</c> or <c>host:port</c>; null: none is asked.</summary>
    public string? StunServer { get; set; }

    /// <summary>A PEM certificate chain; null: one is made at the first start.</summary>
    public string? Certificate { get; set; }

    /// <summary>The certificate's PEM key, where it is not in the same file.</summary>
    public string? CertificateKey { get; set; }

    /// <summary>Certificates of domains of their own; whoever asks for no name, or for one that none of them is for, is shown <see cref="Certificate"/>.</summary>
    public IList<DomainCertificateOptions> Certificates { get; init; } = [];
}

/// <summary>An item of <c>Server:Certificates</c>.</summary>
public sealed class DomainCertificateOptions
{
    /// <summary>A served domain, a component's, or one below a served one. It counts for what lies below too, as far as its names reach.</summary>
    public string Domain { get; set; } = "";

    /// <summary>A PEM certificate chain.</summary>
    public string Certificate { get; set; } = "";

    /// <summary>The certificate's PEM key, where it is not in the same file.</summary>
    public string? CertificateKey { get; set; }
}

/// <summary>The section <c>Listeners</c>. A port of 0 turns a listener off.</summary>
public sealed class ListenersOptions
{
    /// <summary>Clients, STARTTLS.</summary>
    public ListenerOptions C2S { get; init; } = new() { Port = 5222 };

    /// <summary>Clients, direct TLS (XEP-0368).</summary>
    public ListenerOptions C2STls { get; init; } = new() { Port = 5223 };

    /// <summary>Other servers; nothing listens there before federation does.</summary>
    public ListenerOptions S2S { get; init; } = new() { Port = 5269 };

    /// <summary>Other servers, direct TLS (XEP-0368); as <see cref="S2S"/>.</summary>
    public ListenerOptions S2STls { get; init; } = new() { Port = 5270 };

    /// <summary>External components (XEP-0114, XEP-0225); nothing listens there before one is configured.</summary>
    public ComponentListenerOptions Component { get; init; } = new() { Port = 5347 };

    /// <summary>HTTP.</summary>
    public HttpListenerOptions Http { get; init; } = new() { Port = 5280 };

    /// <summary>HTTPS.</summary>
    public ListenerOptions Https { get; init; } = new() { Port = 5281 };
}

/// <summary>A TCP listener.</summary>
public class ListenerOptions
{
    /// <summary>The TCP port; 0 turns it off.</summary>
    public int Port { get; set; }
}

/// <summary>The listener for external components.</summary>
public sealed class ComponentListenerOptions : ListenerOptions
{
    /// <summary>A literal address to bind to; null: loopback, since what components say is not encrypted.</summary>
    public string? BindAddress { get; set; }
}

/// <summary>An item of the section <c>Components</c>: an external component (XEP-0114, XEP-0225).</summary>
public sealed class ComponentOptions
{
    /// <summary>Its domain.</summary>
    public string Name { get; set; } = "";

    /// <summary>What it proves to know.</summary>
    public string Secret { get; set; } = "";
}

/// <summary>The plain HTTP listener.</summary>
public sealed class HttpListenerOptions : ListenerOptions
{
    /// <summary>Origins allowed while bound to loopback, beside loopback ones.</summary>
    public IList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Networks (CIDR) that may read <c>/metrics</c>, beside this machine.</summary>
    public IList<string> MetricsFrom { get; init; } = [];

    /// <summary>Networks (CIDR) of reverse proxies whose <c>X-Forwarded-For</c> and <c>X-Forwarded-Proto</c> are believed.</summary>
    public IList<string> TrustedProxies { get; init; } = [];
}

/// <summary>The section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Whether SCRAM -PLUS is offered.</summary>
    public bool ChannelBinding { get; set; }

    /// <summary>For how long a client may log in by a token in place of its password, from when it was given (XEP-0484); zero: not at all.</summary>
    public TimeSpan TokenLifetime { get; set; } = TimeSpan.FromDays(21);
}

/// <summary>The section <c>Sessions</c>.</summary>
public sealed class SessionsOptions
{
    /// <summary>The longest <see cref="ResumptionTime"/>.</summary>
    public static readonly TimeSpan LongestResumptionTime = TimeSpan.FromDays(1);

    /// <summary>How long a session waits for a client whose connection broke, and which may resume it (XEP-0198); zero: not at all.</summary>
    public TimeSpan ResumptionTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>
    /// Whether messages that a client was sent and does not acknowledge at once are written to the database until it does (XEP-0198), so that a crash of the server loses none.
    /// </summary>
    public bool KeepUnacknowledged { get; set; } = true;
}

/// <summary>The section <c>Guests</c>.</summary>
public sealed class GuestsOptions
{
    /// <summary>Null: true only while bound to loopback.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Null: <c>guest.&lt;domain&gt;</c>.</summary>
    public string? Domain { get; set; }
}

/// <summary>The section <c>ClientState</c>: what waits for a client that says that nobody looks at it (XEP-0352).</summary>
public sealed class ClientStateOptions
{
    /// <summary>Whether clients may say so.</summary>
    public bool Enabled { get; set; } = true;

    /// <summary>Whether presence waits; of each sender's only the last is sent then.</summary>
    public bool HoldPresence { get; set; } = true;

    /// <summary>Whether typing and other chat states wait (XEP-0085).</summary>
    public bool HoldChatStates { get; set; } = true;

    /// <summary>Whether notifications of changed items wait, such as avatars, moods and bookmarks (XEP-0163).</summary>
    public bool HoldEvents { get; set; } = true;

    /// <summary>Whether receipts and read markers wait (XEP-0184, XEP-0333).</summary>
    public bool HoldReceipts { get; set; } = true;

    /// <summary>Stanzas that may wait for one client; then all are sent.</summary>
    public int MaxHeld { get; set; } = 500;

    /// <summary>Bytes that may wait for one client; then all are sent.</summary>
    public int MaxHeldBytes { get; set; } = 256 * 1024;
}
