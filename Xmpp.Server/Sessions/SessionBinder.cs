using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;
using Parley.Xmpp.Server.Protection;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Binds resources (RFC 6120 section 7).</summary>
internal sealed class SessionBinder(SessionServices services, IAccountStore accounts) : ISessionBinder
{
    /// <inheritdoc/>
    public async ValueTask<(IBoundSession? Session, StanzaCondition Refusal)> BindAsync(IClientStream stream, Jid bare, SenderKind kind, string? resource, CancellationToken ct)
    {
        if (!Jid.TryCreate(bare.Local, bare.Domain, string.IsNullOrEmpty(resource) ? RandomName(9) : resource, out var full)) return (null, StanzaCondition.BadRequest);
        var session = new Session(full, RandomName(15), kind, stream, services);
        while (true)
        {
            var (added, holder) = services.Sessions.TryAdd(session, services.Limits.ResourcesPerAccount);
            if (added) return await IsStillWelcomeAsync(session, ct) ? (session, default) : await TurnAwayAsync(session);
            if (holder is null)
            {
                services.LimitLog.Tell(MetLimit.Resources, bare);
                return (null, StanzaCondition.ResourceConstraint);
            }

            // The newcomer wins (section 7.7.2.2), once everybody who knew the old session has heard of its end.
            holder.Close("conflict", "Another client took this resource.");
            await holder.EndAsync();
        }
    }

    // The account may have been removed since it authenticated. Whoever removes one ends the sessions that there are; asked once this one is among them, so that
    // one of the two notices the other.
    private async ValueTask<bool> IsStillWelcomeAsync(Session session, CancellationToken ct)
    {
        if (session.Kind != SenderKind.Account) return true;
        try
        {
            return await accounts.ExistsAsync(session.Jid.Bare, ct);
        }
        catch
        {
            await session.EndAsync(); // it was never bound, so nobody else would
            throw;
        }
    }

    private static async ValueTask<(IBoundSession?, StanzaCondition)> TurnAwayAsync(Session session)
    {
        session.Close("not-authorized");
        await session.EndAsync();
        return (null, StanzaCondition.NotAuthorized);
    }

    // Random, so that a session's address and id cannot be guessed (RFC 6120 section 13.10).
    private static string RandomName(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
}
