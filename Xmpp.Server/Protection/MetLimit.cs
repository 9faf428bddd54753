using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Server.Protection;

/// <summary>A limit that somebody met, as the log names it.</summary>
/// <param name="EventId">The number in the log.</param>
/// <param name="Least">How often it must be met in a minute to be worth a line: what happens to everybody now and then is none.</param>
/// <param name="Text">What it is.</param>
internal sealed record MetLimit(int EventId, int Least, string Text)
{
    /// <summary>The limit that a stream ended by; null if it was none.</summary>
    public static MetLimit? Of(StreamError error) => error.Condition switch
    {
        StreamConditions.RestrictedXml => RestrictedXml,
        StreamConditions.PolicyViolation => XmlSize,
        _ => null,
    };

    public static MetLimit HalfOpen { get; } = new(260, 1, "too many connections that have not logged in; the one that has come least far makes room for each new one (Limits:HalfOpenPerAddress)");

    public static MetLimit Connections { get; } = new(261, 1, "connections come too fast and are refused (Limits:ConnectionsPerSecondPerAddress)");

    public static MetLimit Streams { get; } = new(262, 1, "too many streams; further ones are refused (Limits:StreamsPerAddress)");

    public static MetLimit Slow { get; } = new(263, 10, "connections did not log in or say what they want in time, and were closed (Limits:LogInTime)");

    public static MetLimit LogIns { get; } = new(264, 1, "too many wrong passwords; further ones are refused for a while (Limits:FailedLogIns)");

    public static MetLimit Pace { get; } = new(265, 1, "sends too much at once; what it sends is read more slowly (Limits:StanzasPerSecond, Limits:BytesPerSecond)");

    public static MetLimit Presence { get; } = new(266, 1, "a presence was too large and was refused (Limits:PresenceBytes)");

    public static MetLimit RestrictedXml { get; } = new(267, 1, "sent XML that no client sends (entities, comments or processing instructions, RFC 6120 section 11.1), and was disconnected");

    public static MetLimit XmlSize { get; } = new(268, 1, "sent an element beyond the bounds of size, depth or number, and was disconnected");

    public static MetLimit Unread { get; } = new(269, 1, "asks without reading the answers, and was disconnected");

    public static MetLimit Resources { get; } = new(270, 1, "too many sessions of the account; further ones are refused");

    public static MetLimit Requests { get; } = new(271, 1, "asks too often by HTTP; further requests are refused for a while (Limits:RequestsPerSecondPerAddress)");
}
