using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.TurnCredentials;

/// <summary>Issues credentials to accounts, guests and components of this server.</summary>
public sealed class CredentialIssuer(TurnSecret secret, UsernameCipher cipher, IOptionsMonitor<TurnCredentialsOptions> options, TimeProvider time) : ITurnCredentialIssuer
{
    /// <inheritdoc/>
    public Plugin.Abstractions.TurnCredentials? Issue(ServiceRequester requester)
    {
        if (SubjectOf(requester) is not { } subject) return null;
        var expiry = (time.GetUtcNow() + options.CurrentValue.Lifetime).ToUnixTimeSeconds();
        if (cipher.Seal(subject, expiry) is not { } username) return null;
        return new Plugin.Abstractions.TurnCredentials(username, secret.PasswordOf(username), DateTimeOffset.FromUnixTimeSeconds(expiry));
    }

    private static TurnSubject? SubjectOf(ServiceRequester requester) => requester.Sender switch
    {
        { Kind: SenderKind.Account or SenderKind.Component } => new TurnSubject(requester.Jid.Bare.ToString()),
        { Kind: SenderKind.Guest, SessionId: { } session } sender => new TurnSubject(AddressGroup.Of(sender.RemoteAddress), session),
        _ => null, // a guest's credentials end with its session, so there must be one
    };
}
