namespace Parley.Xmpp.Core.Sasl;

/// <summary>ANONYMOUS (RFC 4505): whoever asks is in. The trace information that may come along is for logs and is not kept.</summary>
public sealed class AnonymousMechanism : SaslMechanism
{
    /// <inheritdoc/>
    public override SaslStep Receive(ReadOnlySpan<byte> message) => new SaslStep.Success(ReadOnlyMemory<byte>.Empty, UserName: null, AuthorizationId: null);
}
