using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Sasl;

namespace Parley.Xmpp.Server.Storage;

/// <summary>What authentication needs to know of accounts.</summary>
public interface ICredentialStore
{
    /// <summary>The keys of an account for a hash (<c>SHA-1</c>, <c>SHA-256</c>, <c>SHA-512</c>), or the strongest that are kept (null); null if there is no such account.</summary>
    ValueTask<ScramKeys?> FindAsync(Jid account, string? hash, CancellationToken ct = default);

    /// <summary>The hashes that every account of a domain has keys of, strongest first: whatever is offered must let each of them in, and show nothing of any.</summary>
    IReadOnlyList<ScramHash> HashesOf(string domain);

    /// <summary>Makes the keys that an account lacks, as one does that was added before its hash was known here. Durable when this returns.</summary>
    /// <param name="account">The account.</param>
    /// <param name="password">Its password, just proven.</param>
    /// <param name="proven">The keys that it was proven by: where they count no more, nothing is written.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>How many hashes have keys now that had none.</returns>
    ValueTask<int> CompleteAsync(Jid account, string password, ScramKeys proven, CancellationToken ct = default);
}
