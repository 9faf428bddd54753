namespace Parley.Xmpp.Server.Streams.Bosh;

/// <summary>What a session over HTTP may use (XEP-0124 section 7.2), and is told.</summary>
internal sealed record BoshLimits
{
    /// <summary>The longest time that a request is held, <c>wait</c>.</summary>
    public TimeSpan Wait { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>The most requests that are held at once, <c>hold</c>; one more may be under way.</summary>
    public int Hold { get; init; } = 2;

    /// <summary>How long a session lives without a request, <c>inactivity</c>. No longer than a write may stall (<see cref="Configuration.StreamLimits.WriteStall"/>): what the client did not
    /// fetch goes elsewhere then.</summary>
    public TimeSpan Inactivity { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a client may ask to be away, <c>maxpause</c>: for as long what is for it waits.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromSeconds(120);

    /// <summary>The shortest time between two requests of a client that has nothing held and nothing to say, <c>polling</c>.</summary>
    public TimeSpan Polling { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>Bytes of one request.</summary>
    public int BodyBytes { get; init; } = 512 * 1024;

    /// <summary>Bytes that may have come and wait to be handled.</summary>
    public int UnreadBytes { get; init; } = 1024 * 1024;
}
