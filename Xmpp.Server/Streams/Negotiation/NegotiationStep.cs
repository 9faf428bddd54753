using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;
using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Server.Streams.Negotiation;

/// <summary>Who an authenticated stream belongs to.</summary>
internal sealed record Identity(Jid Bare, SenderKind Kind);

/// <summary>What negotiation wants done before it goes on.</summary>
internal abstract record NegotiationStep
{
    private NegotiationStep() { }

    /// <summary>Read on.</summary>
    public static NegotiationStep Read { get; } = new ReadOn();

    /// <inheritdoc cref="Read"/>
    public sealed record ReadOn : NegotiationStep;

    /// <summary>Say <c>proceed</c> and begin TLS; then <see cref="StreamNegotiation.Encrypted"/>.</summary>
    public sealed record StartTls : NegotiationStep;

    /// <summary>Look up an account's keys; then <see cref="StreamNegotiation.Provide"/>.</summary>
    public sealed record FindKeys(Jid Account, ScramHash Hash) : NegotiationStep;

    /// <summary>The stream is authenticated and begins anew (RFC 6120 section 6.3.2).</summary>
    public sealed record Restart : NegotiationStep;

    /// <summary>Bind a resource; then <see cref="StreamNegotiation.Refuse"/>, or negotiation is over.</summary>
    public sealed record Bind(Identity Identity, string? Resource, string IqId) : NegotiationStep;

    /// <summary>End the stream with an error.</summary>
    public sealed record Fail(StreamError Error) : NegotiationStep;
}

/// <summary>Where negotiation writes: a queue, so that nothing waits here.</summary>
internal interface INonzaSink
{
    /// <summary>Queues a stream header.</summary>
    void SendHeader(StreamHeader header);

    /// <summary>Queues a stream-level element, or an answer to an IQ that only the stream sees.</summary>
    void SendNonza(Core.Xml.Element element);
}
