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

    /// <summary>A PEM certificate chain; null: one is made at the first start.</summary>
    public string? Certificate { get; set; }

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

    /// <summary>External components (XEP-0114); nothing listens there before one can be configured.</summary>
    public ListenerOptions Component { get; init; } = new() { Port = 5347 };

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

/// <summary>The plain HTTP listener.</summary>
public sealed class HttpListenerOptions : ListenerOptions
{
    /// <summary>Origins allowed while bound to loopback, beside loopback ones.</summary>
    public IList<string> AllowedOrigins { get; init; } = [];

    /// <summary>Networks (CIDR) that may read <c>/metrics</c>, beside this machine.</summary>
    public IList<string> MetricsFrom { get; init; } = [];
}

/// <summary>The section <c>Auth</c>.</summary>
public sealed class AuthOptions
{
    /// <summary>Whether SCRAM -PLUS is offered.</summary>
    public bool ChannelBinding { get; set; }
}

/// <summary>The section <c>Guests</c>.</summary>
public sealed class GuestsOptions
{
    /// <summary>Null: true only while bound to loopback.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Null: <c>guest.&lt;domain&gt;</c>.</summary>
    public string? Domain { get; set; }
}
