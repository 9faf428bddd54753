namespace Parley.Xmpp.Core.Sasl;

/// <summary>The server's side of one SASL exchange (RFC 4422): bytes in, steps out. Used once.</summary>
public abstract class SaslMechanism
{
    /// <summary>Takes the client's next message; an absent initial response is asked for by an empty challenge.</summary>
    public abstract SaslStep Receive(ReadOnlySpan<byte> message);

    /// <summary>Takes the keys that were asked for; null if there is no such user.</summary>
    public virtual SaslStep Provide(ScramCredentials? credentials) => throw new InvalidOperationException("Nothing was asked for.");
}
