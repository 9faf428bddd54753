namespace Parley.Xmpp.Server.Configuration;

/// <summary>The section <c>Limits</c>: what one network address or one account may do, so that others do not notice. An IPv6 /64 counts as one address.</summary>
public sealed class LimitsOptions
{
    /// <summary>How long a connection may take to log in.</summary>
    public TimeSpan LogInTime { get; set; } = TimeSpan.FromSeconds(30);

    /// <summary>Connections of one address that have not logged in; the one that has come least far, and among these the oldest, makes room for a new one. Not from loopback.</summary>
    public int HalfOpenPerAddress { get; set; } = 200;

    /// <summary>Connections that one address may begin in a second, ten seconds' worth at once; more are refused. 0: no limit. Not from loopback.</summary>
    public int ConnectionsPerSecondPerAddress { get; set; } = 50;

    /// <summary>Streams of one address that have logged in.</summary>
    public int StreamsPerAddress { get; set; } = 2000;

    /// <summary>Streams of a loopback address, behind which a reverse proxy may be.</summary>
    public int StreamsPerLoopbackAddress { get; set; } = 20_000;

    /// <summary>Requests of HTTP that one address may make in a second, a minute's worth at once; more are refused. Not counted are the call page's files and the requests of a BOSH session that there is. 0: no limit. Not from loopback.</summary>
    public int RequestsPerSecondPerAddress { get; set; } = 100;

    /// <summary>Wrong passwords for one account from one address, then one every 20 seconds. 0: no limit.</summary>
    public int FailedLogIns { get; set; } = 20;

    /// <summary>Stanzas that the clients of one account may send in a second, ten seconds' worth at once; more are read later. 0: no limit.</summary>
    public int StanzasPerSecond { get; set; } = 100;

    /// <summary>Bytes likewise, 32 seconds' worth at once. 0: no limit.</summary>
    public int BytesPerSecond { get; set; } = 64 * 1024;

    /// <summary>The largest presence, in bytes.</summary>
    public int PresenceBytes { get; set; } = 16 * 1024;

    /// <summary>The faults, each a line that begins with its key.</summary>
    public IEnumerable<string> Validate()
    {
        if (LogInTime < TimeSpan.FromSeconds(1) || LogInTime > TimeSpan.FromMinutes(10)) yield return "Limits:LogInTime: must be between 00:00:01 and 00:10:00.";
        if (HalfOpenPerAddress < 1) yield return "Limits:HalfOpenPerAddress: must be at least 1.";
        if (ConnectionsPerSecondPerAddress < 0) yield return "Limits:ConnectionsPerSecondPerAddress: must be at least 0.";
        if (StreamsPerAddress < 1) yield return "Limits:StreamsPerAddress: must be at least 1.";
        if (StreamsPerLoopbackAddress < 1) yield return "Limits:StreamsPerLoopbackAddress: must be at least 1.";
        if (RequestsPerSecondPerAddress is < 0 or > 1_000_000) yield return "Limits:RequestsPerSecondPerAddress: must be between 0 and 1000000.";
        if (FailedLogIns < 0) yield return "Limits:FailedLogIns: must be at least 0.";
        if (StanzasPerSecond < 0) yield return "Limits:StanzasPerSecond: must be at least 0.";
        if (BytesPerSecond < 0) yield return "Limits:BytesPerSecond: must be at least 0.";
        if (PresenceBytes is < 1024 or > 256 * 1024) yield return "Limits:PresenceBytes: must be between 1024 and 262144.";
    }

    /// <summary>As the streams take them.</summary>
    public StreamLimits ToLimits() => new()
    {
        AuthenticationTime = LogInTime,
        HandshakeTime = LogInTime < new StreamLimits().HandshakeTime ? LogInTime : new StreamLimits().HandshakeTime,
        HalfOpenPerAddress = HalfOpenPerAddress,
        ConnectionsPerSecondPerAddress = ConnectionsPerSecondPerAddress,
        StreamsPerAddress = StreamsPerAddress,
        StreamsPerLoopbackAddress = StreamsPerLoopbackAddress,
        RequestsPerSecondPerAddress = RequestsPerSecondPerAddress,
        FailedLogIns = FailedLogIns,
        StanzasPerSecond = StanzasPerSecond,
        BytesPerSecond = BytesPerSecond,
        PresenceBytes = PresenceBytes,
    };
}
