using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>PLAIN (RFC 4616), checked against SCRAM keys, the strongest that are kept: the same work for users that do not exist.</summary>
public sealed class PlainMechanism(Func<string, ScramCredentials> decoy) : SaslMechanism
{
    private string? _authorizationId;
    private string? _userName;
    private string? _password;

    /// <inheritdoc/>
    public override SaslStep Receive(ReadOnlySpan<byte> message)
    {
        if (_userName is not null || !System.Text.Unicode.Utf8.IsValid(message)) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        var parts = Encoding.UTF8.GetString(message).Split('\0');
        if (parts.Length != 3) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        if (!SaslPrep.TryPrepare(parts[1], out var userName) || !SaslPrep.TryPrepare(parts[2], out _)) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        (_authorizationId, _userName, _password) = (parts[0].Length == 0 ? null : parts[0], userName, parts[2]);
        return new SaslStep.NeedKeys(userName, Hash: null);
    }

    /// <inheritdoc/>
    public override SaslStep Provide(ScramCredentials? credentials)
    {
        if (_password is null) throw new InvalidOperationException("Nothing was asked for.");
        var against = credentials ?? decoy(_userName!);
        var (storedKey, _) = ScramKeyDerivation.Derive(ScramHash.OfKey(against.StoredKey).Name, _password, against.Salt.Span, against.Iterations);
        var password = _password;
        _password = null;
        var isRight = CryptographicOperations.FixedTimeEquals(storedKey, against.StoredKey.Span) && credentials is not null;
        return isRight ? new SaslStep.Success(ReadOnlyMemory<byte>.Empty, _userName, _authorizationId, password) : new SaslStep.Failure(SaslConditions.NotAuthorized);
    }
}
