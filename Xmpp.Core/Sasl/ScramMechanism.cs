using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>How a SCRAM exchange stands to channel binding.</summary>
/// <param name="IsPlus">Whether the client chose a <c>-PLUS</c> mechanism.</param>
/// <param name="IsOffered">Whether the server offers one on this stream: then a client that thinks otherwise was lied to (RFC 5802 section 6).</param>
/// <param name="ServerEndPoint">The <c>tls-server-end-point</c> data (RFC 5929 section 4).</param>
public sealed record ScramBinding(bool IsPlus, bool IsOffered, ReadOnlyMemory<byte> ServerEndPoint)
{
    /// <summary>The one binding that we know: .NET exposes no TLS exporter, and tls-unique is none under TLS 1.3.</summary>
    public const string Name = "tls-server-end-point";

    /// <summary>No channel binding anywhere.</summary>
    public static ScramBinding None { get; } = new(false, false, ReadOnlyMemory<byte>.Empty);
}

/// <summary>SCRAM-SHA-1, SCRAM-SHA-256, SCRAM-SHA-512 and their -PLUS kinds (RFC 5802, RFC 7677).</summary>
public sealed class ScramMechanism : SaslMechanism
{
    private readonly ScramHash _hash;
    private readonly ScramBinding _binding;
    private readonly string _serverNonce;
    private readonly Func<string, ScramCredentials> _decoy;
    private readonly string _attributes;
    private ScramClientFirst? _first;
    private ScramCredentials? _credentials;
    private bool _isReal;
    private string? _serverFirst;

    /// <summary>Begins an exchange.</summary>
    /// <param name="hash">The hash.</param>
    /// <param name="binding">How it stands to channel binding.</param>
    /// <param name="serverNonce">Fresh randomness of the caller, printable and without a comma.</param>
    /// <param name="decoy">Credentials for a user name that does not exist (<see cref="ScramDecoys"/>).</param>
    /// <param name="attributes">Optional attributes of the first message, each behind a comma (<see cref="DowngradeProtection"/>).</param>
    public ScramMechanism(ScramHash hash, ScramBinding binding, string serverNonce, Func<string, ScramCredentials> decoy, string attributes = "") =>
        (_hash, _binding, _serverNonce, _decoy, _attributes) = (hash, binding, serverNonce, decoy, attributes);

    /// <inheritdoc/>
    public override SaslStep Receive(ReadOnlySpan<byte> message)
    {
        if (_first is null) return First(message);
        return _serverFirst is null ? new SaslStep.Failure(SaslConditions.MalformedRequest) : Final(message);
    }

    /// <inheritdoc/>
    public override SaslStep Provide(ScramCredentials? credentials)
    {
        if (_first is null || _credentials is not null) throw new InvalidOperationException("Nothing was asked for.");
        (_credentials, _isReal) = (credentials ?? _decoy(_first.UserName), credentials is not null);
        _serverFirst = $"r={_first.Nonce}{_serverNonce},s={Convert.ToBase64String(_credentials.Salt.Span)},i={_credentials.Iterations}{_attributes}";
        return new SaslStep.Challenge(Encoding.UTF8.GetBytes(_serverFirst));
    }

    private SaslStep First(ReadOnlySpan<byte> message)
    {
        if (!ScramClientFirst.TryRead(message, out var first)) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        if (_binding.IsPlus != (first.Flag == 'p')) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        if (_binding.IsPlus && first.Binding != ScramBinding.Name) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        // "y": could have bound, but saw no -PLUS. If it was offered, somebody between took it away.
        if (first.Flag == 'y' && _binding.IsOffered) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        _first = first;
        return new SaslStep.NeedKeys(first.UserName, _hash);
    }

    private SaslStep Final(ReadOnlySpan<byte> message)
    {
        if (!ScramClientFinal.TryRead(message, out var final)) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        if (final.Nonce != _first!.Nonce + _serverNonce) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        byte[] binding = [.. Encoding.UTF8.GetBytes(_first.Gs2Header), .. _binding.IsPlus ? _binding.ServerEndPoint.Span : []];
        if (!CryptographicOperations.FixedTimeEquals(final.Binding, binding)) return new SaslStep.Failure(SaslConditions.NotAuthorized);

        var signed = Encoding.UTF8.GetBytes($"{_first.Bare},{_serverFirst},{final.WithoutProof}");
        var clientKey = _hash.Hmac(_credentials!.StoredKey.Span, signed);
        if (final.Proof.Length != clientKey.Length) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        for (var i = 0; i < clientKey.Length; i++) clientKey[i] ^= final.Proof[i];
        var isRight = CryptographicOperations.FixedTimeEquals(_hash.Hash(clientKey), _credentials.StoredKey.Span);
        if (!isRight || !_isReal) return new SaslStep.Failure(SaslConditions.NotAuthorized);

        var signature = Convert.ToBase64String(_hash.Hmac(_credentials.ServerKey.Span, signed));
        return new SaslStep.Success(Encoding.UTF8.GetBytes("v=" + signature), _first.UserName, string.IsNullOrEmpty(_first.AuthorizationId) ? null : _first.AuthorizationId);
    }
}
