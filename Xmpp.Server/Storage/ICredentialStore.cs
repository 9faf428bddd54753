using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage;

/// <summary>What authentication needs to know of accounts.</summary>
public interface ICredentialStore
{
    /// <summary>The keys of an account for a hash (<c>SHA-1</c>, <c>SHA-256</c>); null if there is no such account.</summary>
    ValueTask<ScramKeys?> FindAsync(Jid account, string hash, CancellationToken ct = default);
}

/// <summary>SCRAM keys at rest (RFC 5802 section 3); the password itself is never kept.</summary>
/// <param name="Salt">The salt.</param>
/// <param name="Iterations">The iteration count.</param>
/// <param name="StoredKey">H(ClientKey).</param>
/// <param name="ServerKey">The server key.</param>
public sealed record ScramKeys(byte[] Salt, int Iterations, byte[] StoredKey, byte[] ServerKey);
