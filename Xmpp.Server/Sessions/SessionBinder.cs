using System.Buffers.Text;
using System.Security.Cryptography;
using Parley.Plugin.Abstractions;
using Parley.Xmpp.Core.Addressing;
using Parley.Xmpp.Core.Stanzas;

namespace Parley.Xmpp.Server.Sessions;

/// <summary>Binds resources (RFC 6120 section 7).</summary>
internal sealed class SessionBinder(SessionServices services) : ISessionBinder
{
    /// <inheritdoc/>
    public async ValueTask<(IBoundSession? Session, StanzaCondition Refusal)> BindAsync(IClientStream stream, Jid bare, SenderKind kind, string? resource, CancellationToken ct)
    {
        if (!Jid.TryCreate(bare.Local, bare.Domain, string.IsNullOrEmpty(resource) ? RandomName(9) : resource, out var full)) return (null, StanzaCondition.BadRequest);
        var session = new Session(full, RandomName(15), kind, stream, services);
        while (true)
        {
            var (added, holder) = services.Sessions.TryAdd(session, services.Limits.ResourcesPerAccount);
            if (added) return (session, default);
            if (holder is null) return (null, StanzaCondition.ResourceConstraint);
            // The newcomer wins (section 7.7.2.2), once everybody who knew the old session has heard of its end.
            holder.Close("conflict", "Another client took this resource.");
            await holder.EndAsync();
        }
    }

    // Random, so that a session's address and id cannot be guessed (RFC 6120 section 13.10).
    private static string RandomName(int bytes) => Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(bytes));
}
