namespace Parley.Xmpp.Server.Configuration;

/// <summary>The section <c>Federation</c>: streams with other servers.</summary>
public sealed class FederationOptions
{
    /// <summary>The longest <see cref="RetryTime"/>.</summary>
    public static readonly TimeSpan LongestRetryTime = TimeSpan.FromDays(1);

    /// <summary>Null: unless bound to loopback.</summary>
    public bool? Enabled { get; set; }

    /// <summary>Whether nothing is said without TLS; null: unless bound to loopback.</summary>
    public bool? RequireTls { get; set; }

    /// <summary>Whether a server whose certificate does not prove its name may prove it by dialback (XEP-0220).</summary>
    public bool Dialback { get; set; } = true;

    /// <summary>A PEM file of roots to trust beside the system's; null: none.</summary>
    public string? TrustedRoots { get; set; }

    /// <summary>The only domains to speak with, <c>example.org</c> or <c>*.example.org</c>; empty: all.</summary>
    public IList<string> Allow { get; init; } = [];

    /// <summary>Domains never to speak with, written likewise.</summary>
    public IList<string> Deny { get; init; } = [];

    /// <summary>Whether to connect to private, loopback and other addresses that are no public host's, where a domain names them; null: where this server's own address is private.</summary>
    public bool? PrivateAddresses { get; set; }

    /// <summary>Name servers, <c>192.0.2.53</c> or <c>192.0.2.53:5353</c>; empty: the system's.</summary>
    public IList<string> Nameservers { get; init; } = [];

    /// <summary>How long a message or presence waits for a server that cannot be reached.</summary>
    public TimeSpan RetryTime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>Stanzas that may wait for one domain, from one of ours.</summary>
    public int QueueStanzas { get; set; } = 1000;

    /// <summary>Bytes of them.</summary>
    public int QueueBytes { get; set; } = 4 * 1024 * 1024;

    /// <summary>Domains that stanzas may be on their way to at once.</summary>
    public int MaxDomains { get; set; } = 5000;

    /// <summary>Of those, domains that stanzas of one account or room were the first to be for.</summary>
    public int MaxDomainsPerSender { get; set; } = 500;
}
