using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.TurnCredentials;

/// <summary>Issues credentials to accounts, guests and components of this server, and to whom of other servers it tells of its services.</summary>
public sealed class CredentialIssuer(SecretRing secrets, IssuedNames names, IOptionsMonitor<TurnCredentialsOptions> options, TimeProvider time) : ITurnCredentialIssuer
{
    /// <inheritdoc/>
    public long Generation => secrets.Generation;

    /// <inheritdoc/>
    public Plugin.Abstractions.TurnCredentials? Issue(ServiceRequester requester)
    {
        if (SubjectOf(requester) is not { } subject) return null;
        var lifetime = options.CurrentValue.Lifetime;
        secrets.NoteLifetime(lifetime);
        var expiry = (time.GetUtcNow() + lifetime).ToUnixTimeSeconds();
        var current = secrets.Current;
        if (current.Cipher.Seal(subject, expiry) is not { } username) return null;
        names.Note(username, expiry);
        return new Plugin.Abstractions.TurnCredentials(username, current.Secret.PasswordOf(username), DateTimeOffset.FromUnixTimeSeconds(expiry));
    }

    private static TurnSubject? SubjectOf(ServiceRequester requester) => requester.Sender switch
    {
        { Kind: SenderKind.Account or SenderKind.Component } => new TurnSubject(requester.Jid.Bare.ToString()),
        // Another server can have any number of addresses: all of it is one.
        { Kind: SenderKind.Remote } => new TurnSubject(requester.Jid.Domain),
        { Kind: SenderKind.Guest, SessionId: { } session } sender => new TurnSubject(AddressGroup.Of(sender.RemoteAddress), session),
        _ => null, // a guest's credentials end with its session, so there must be one
    };
}
