using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Server.Federation.Negotiation;

/// <summary>What negotiation between servers wants done before it goes on.</summary>
internal abstract record PeerStep
{
    private PeerStep() { }

    /// <summary>Read on.</summary>
    public static PeerStep Read { get; } = new ReadOn();

    /// <inheritdoc cref="Read"/>
    public sealed record ReadOn : PeerStep;

    /// <summary>Begin TLS, in the role of the side that this is; then say so.</summary>
    /// <param name="Domain">The domain of ours that is spoken to; null where this side began.</param>
    public sealed record StartTls(string? Domain = null) : PeerStep;

    /// <summary>TLS was not offered: say <c>failure</c> and end the stream (RFC 6120 section 5.4.2.2).</summary>
    public sealed record RefuseTls : PeerStep;

    /// <summary>The stream is authenticated and begins anew (RFC 6120 section 6.3.2).</summary>
    public sealed record Restart : PeerStep;

    /// <summary>Ask the authoritative server of <paramref name="From"/> about a key (XEP-0220 section 2.2), while reading goes on.</summary>
    public sealed record Verify(string From, string To, string Key) : PeerStep;

    /// <summary>Stanzas may pass. <paramref name="Managed"/>: they are acknowledged (XEP-0198).</summary>
    public sealed record Ready(bool Managed) : PeerStep;

    /// <summary>What was asked is answered, and the stream has no other purpose.</summary>
    public sealed record Answered(DialbackVerdict Verdict) : PeerStep;

    /// <summary>End the stream: we found fault with it.</summary>
    public sealed record Fail(StreamError Error, PeerFailure Failure) : PeerStep;

    /// <summary>End the stream: the other side found fault with it, or will not do what must be done.</summary>
    public sealed record GiveUp(PeerFailure Failure) : PeerStep;
}

/// <summary>Why there is no stream with a server.</summary>
/// <param name="Reason">For people.</param>
/// <param name="IsLasting">Whether trying again soon is of no use.</param>
internal sealed record PeerFailure(string Reason, bool IsLasting)
{
    // What a server says that will be better later (RFC 6120 section 4.9.3).
    private static readonly HashSet<string> Passing = new(StringComparer.Ordinal)
    {
        StreamConditions.SystemShutdown, StreamConditions.ConnectionTimeout, StreamConditions.ResourceConstraint, StreamConditions.InternalServerError,
        StreamConditions.RemoteConnectionFailed, StreamConditions.Conflict, "reset",
    };

    /// <summary>Of a stream error that the other side sent.</summary>
    public static PeerFailure OfError(Core.Xml.Element error)
    {
        var condition = error.Children.FirstOrDefault(c => c.Namespace == Core.Ns.StreamErrors && c.Name != "text")?.Name ?? StreamConditions.UndefinedCondition;
        return new PeerFailure($"the other server ended the stream with {condition}", !Passing.Contains(condition));
    }
}

/// <summary>What the authoritative server says of a key (XEP-0220 section 2.2).</summary>
internal enum DialbackVerdict
{
    /// <summary>It made it.</summary>
    Valid,
    /// <summary>It did not.</summary>
    Invalid,
    /// <summary>It does not say, or cannot be asked.</summary>
    Unknown,
}
