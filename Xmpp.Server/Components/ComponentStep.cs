using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Server.Components;

/// <summary>What negotiation with a component wants done before it goes on.</summary>
internal abstract record ComponentStep
{
    private ComponentStep() { }

    /// <summary>Read on.</summary>
    public static ComponentStep Read { get; } = new ReadOn();

    /// <inheritdoc cref="Read"/>
    public sealed record ReadOn : ComponentStep;

    /// <summary>Begin TLS with the certificate of this domain, then say so.</summary>
    public sealed record StartTls(string Domain) : ComponentStep;

    /// <summary>It is authenticated, and the stream begins anew (RFC 6120 section 6.4.6).</summary>
    public sealed record Restart : ComponentStep;

    /// <summary>It is this component (XEP-0114): bind its domain, then say so.</summary>
    public sealed record Accept(string Domain) : ComponentStep;

    /// <summary>End the stream.</summary>
    public sealed record Fail(StreamError Error) : ComponentStep;
}
