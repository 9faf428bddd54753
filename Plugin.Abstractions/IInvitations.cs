namespace Parley.Plugin.Abstractions;

/// <summary>Invites people to this server, for whoever administers it; contributed by the plugin that lets them in.</summary>
public interface IInvitations
{
    /// <summary>Makes an invitation to one new account.</summary>
    /// <param name="domain">The served domain.</param>
    /// <param name="user">The name that the account must have; null: the newcomer chooses.</param>
    /// <param name="lifetime">How long it is good for; null: as configured.</param>
    /// <param name="ct">Gives up waiting.</param>
    /// <returns>Null, with the reason for people, if there can be none.</returns>
    ValueTask<(Invitation? Invitation, string Fault)> CreateAsync(string domain, string? user, TimeSpan? lifetime, CancellationToken ct = default);
}

/// <summary>An invitation.</summary>
/// <param name="Uri">For a client: <c>xmpp:…</c> (XEP-0401).</param>
/// <param name="Page">For a browser; null while the server has no https.</param>
/// <param name="Expires">When it ends.</param>
public sealed record Invitation(string Uri, string? Page, DateTimeOffset Expires);
