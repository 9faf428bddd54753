namespace Parley.Xmpp.Server.Configuration;

/// <summary>Bounds on what one stream, address or account may use.</summary>
public sealed record StreamLimits
{
    /// <summary>The largest stanza before authentication, in bytes.</summary>
    public int UnauthenticatedStanzaBytes { get; init; } = 16 * 1024;

    /// <summary>The largest stanza after authentication, in bytes.</summary>
    public int StanzaBytes { get; init; } = 256 * 1024;

    /// <summary>How long a stream may take to authenticate and bind.</summary>
    public TimeSpan AuthenticationTime { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a TLS handshake may take.</summary>
    public TimeSpan HandshakeTime { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Failed authentications after which a stream is closed. RFC 6120 section 6.4.5 recommends two to five; five, because a client that binds channels another way
    /// than the server fails by all four kinds of SCRAM before it comes to PLAIN.
    /// </summary>
    public int AuthenticationAttempts { get; init; } = 5;

    /// <summary>Connections of one network address (an IPv6 /64 counts as one) that have not bound a resource. Not from loopback.</summary>
    public int HalfOpenPerAddress { get; init; } = 200;

    /// <summary>Connections that one address may begin in a second; ten seconds' worth may come at once. 0: no limit. Not from loopback.</summary>
    public int ConnectionsPerSecondPerAddress { get; init; } = 50;

    /// <summary>Streams from one network address that have bound a resource.</summary>
    public int StreamsPerAddress { get; init; } = 2000;

    /// <summary>Streams from a loopback address, of either kind.</summary>
    public int StreamsPerLoopbackAddress { get; init; } = 20_000;

    /// <summary>Requests of HTTP that one address may make in a second; a minute's worth may come at once. 0: no limit. Not from loopback.</summary>
    public int RequestsPerSecondPerAddress { get; init; } = 100;

    /// <summary>Wrong passwords for one account from one address; see <see cref="Protection.LogInGuard"/>. 0: no limit.</summary>
    public int FailedLogIns { get; init; } = 20;

    /// <summary>Stanzas that the clients of one account may send in a second; ten seconds' worth may come at once. 0: no limit.</summary>
    public int StanzasPerSecond { get; init; } = 100;

    /// <summary>Bytes likewise; 32 seconds' worth may come at once. 0: no limit.</summary>
    public int BytesPerSecond { get; init; } = 64 * 1024;

    /// <summary>The largest presence, in bytes: many may be told of it, and each session's is kept.</summary>
    public int PresenceBytes { get; init; } = 16 * 1024;

    /// <summary>Resources that one account may bind at once.</summary>
    public int ResourcesPerAccount { get; init; } = 50;

    /// <summary>Bytes that may wait for a client that does not read; more ends its stream.</summary>
    public int OutboundBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Stanzas that a managed stream sends before the client acknowledges any (XEP-0198); their bytes are bounded by <see cref="OutboundBytes"/>.</summary>
    public int UnacknowledgedStanzas { get; init; } = 2000;

    /// <summary>How long a write to a client may stall before its stream is ended.</summary>
    public TimeSpan WriteStall { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Silence after which a client is asked for a sign of life.</summary>
    public TimeSpan IdleBeforePing { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a client has to answer that.</summary>
    public TimeSpan PingAnswer { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>How long a client that acknowledges what it gets (XEP-0198) may be silent about something before nobody counts on it any more: others wake it then.</summary>
    public TimeSpan SilenceBeforeDoubt { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>How long a client that goes waits until what it sent is handled, and on the disk; after that it is vouched for all the same (XEP-0198).</summary>
    public TimeSpan SettleTime { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>How long a closing stream waits for the other side's closing tag before its carrier is closed.</summary>
    public TimeSpan CloseTime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Directed presences that a session's end is told to.</summary>
    public int DirectedPresences { get; init; } = 1000;

    /// <summary>How long a plugin's handler, interceptor or component may take over one stanza; what comes behind it waits meanwhile.</summary>
    public TimeSpan HandlerTime { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>Stanzas of one sender that may wait for its session's handlers, and as many for a component.</summary>
    public int PendingPerSender { get; init; } = 500;

    /// <summary>Bytes of one sender that may wait likewise. One stanza may wait whatever its size.</summary>
    public int PendingBytesPerSender { get; init; } = 1024 * 1024;
}
