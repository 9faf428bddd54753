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
    public sealed record StartTls(string Domain) : NegotiationStep;

    /// <summary>TLS was not offered: say <c>failure</c> and end the stream (RFC 6120 section 5.4.2.2).</summary>
    public sealed record RefuseTls : NegotiationStep;

    /// <summary>Look up an account's keys of a hash, or (null) the strongest that are kept; then <see cref="StreamNegotiation.Provide"/>.</summary>
    public sealed record FindKeys(Jid Account, ScramHash? Hash) : NegotiationStep;

    /// <summary>Look up the tokens of an account's client; then <see cref="StreamNegotiation.ProvideTokens"/>.</summary>
    public sealed record FindTokens(Jid Account, string ClientId, string Mechanism) : NegotiationStep;

    /// <summary>The stream is authenticated, and goes on with what the client wants in the same breath (XEP-0388); then <see cref="StreamNegotiation.Established"/>.</summary>
    /// <param name="Identity">Who it is.</param>
    /// <param name="Request">What is wanted.</param>
    /// <param name="Data">What the mechanism says with the success.</param>
    /// <param name="Token">The token that proved it; null where something else did.</param>
    public sealed record Establish(Identity Identity, Sasl2Request Request, ReadOnlyMemory<byte> Data, Storage.ClientToken? Token) : NegotiationStep;

    /// <summary>The stream is authenticated and begins anew (RFC 6120 section 6.3.2).</summary>
    public sealed record Restart : NegotiationStep;

    /// <summary>An account has shown its password: make the keys that it lacks; then <see cref="StreamNegotiation.Succeed"/>.</summary>
    public sealed record CompleteKeys(Jid Account, SaslStep.Success Success) : NegotiationStep;

    /// <summary>Bind a resource; then <see cref="StreamNegotiation.Refuse"/>, or negotiation is over.</summary>
    public sealed record Bind(Identity Identity, string? Resource, string IqId) : NegotiationStep;

    /// <summary>Resume a former stream (XEP-0198 section 5); then <see cref="StreamNegotiation.RefuseResumption"/>, or negotiation is over.</summary>
    public sealed record Resume(Identity Identity, string PreviousId, uint Handled) : NegotiationStep;

    /// <summary>Answer a request of somebody who has not logged in, or end the stream by <see cref="StreamNegotiation.Unserved"/>.</summary>
    public sealed record Serve(Core.Stanzas.Iq Iq, Stranger Stranger) : NegotiationStep;

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
