using Parley.Xmpp.Core.Addressing;

namespace Parley.Xmpp.Server.Storage;

/// <summary>The tokens that clients log in by in place of a password (XEP-0484).</summary>
public interface ITokenStore
{
    /// <summary>The tokens of a client that count now, at most two.</summary>
    ValueTask<IReadOnlyList<ClientToken>> FindAsync(Jid account, string client, string mechanism, CancellationToken ct = default);

    /// <summary>Makes a token. The one that the client uses counts until the new one is used; durable when this returns.</summary>
    ValueTask<ClientToken> IssueAsync(Jid account, string client, string mechanism, CancellationToken ct = default);

    /// <summary>A token was used: those issued before it count no more.</summary>
    ValueTask UsedAsync(Jid account, string client, ClientToken token, CancellationToken ct = default);

    /// <summary>Ends a token.</summary>
    ValueTask RevokeAsync(Jid account, string client, ClientToken token, CancellationToken ct = default);
}

/// <summary>A token.</summary>
/// <param name="Token">What the client proves to know.</param>
/// <param name="IsNew">Whether it was never used.</param>
/// <param name="Issued">When it was made.</param>
/// <param name="Expires">When it ends.</param>
public sealed record ClientToken(string Token, bool IsNew, DateTimeOffset Issued, DateTimeOffset Expires)
{
    /// <summary>The number of the account's last change when this was read, as <see cref="ScramKeys.Change"/>.</summary>
    public long Change { get; init; }

    /// <inheritdoc/>
    public override string ToString() => $"a token until {Expires:u}"; // it is as good as a password
}
