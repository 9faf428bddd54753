using System.Security.Cryptography;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>The HT-SHA-256 kinds (draft-schmaus-kitten-sasl-ht): one message that proves a token, as XEP-0484 wants it.</summary>
/// <param name="binding">The channel binding data of the mechanism; empty for HT-SHA-256-NONE.</param>
public sealed class HtMechanism(ReadOnlyMemory<byte> binding) : SaslMechanism
{
    private string? _userName;
    private byte[]? _proof;

    /// <summary>Which of the tokens it was, once it succeeded.</summary>
    public int Matched { get; private set; } = -1;

    /// <inheritdoc/>
    public override SaslStep Receive(ReadOnlySpan<byte> message)
    {
        var end = message.IndexOf((byte)0);
        if (_userName is not null || end < 0 || !System.Text.Unicode.Utf8.IsValid(message[..end])) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        if (!SaslPrep.TryPrepare(Encoding.UTF8.GetString(message[..end]), out var userName)) return new SaslStep.Failure(SaslConditions.NotAuthorized);
        if (message.Length - end - 1 != SHA256.HashSizeInBytes) return new SaslStep.Failure(SaslConditions.MalformedRequest);
        (_userName, _proof) = (userName, message[(end + 1)..].ToArray());
        return new SaslStep.NeedTokens(userName);
    }

    /// <summary>Takes the tokens that count; none where there are none. Each is tried, whichever matches.</summary>
    public SaslStep Provide(IReadOnlyList<string> tokens)
    {
        if (_proof is null) throw new InvalidOperationException("Nothing was asked for.");
        for (var i = 0; i < tokens.Count; i++)
        {
            if (CryptographicOperations.FixedTimeEquals(Hash(tokens[i], "Initiator"u8), _proof)) Matched = i;
        }

        return Matched >= 0 ? new SaslStep.Success(Hash(tokens[Matched], "Responder"u8), _userName, AuthorizationId: null) : new SaslStep.Failure(SaslConditions.NotAuthorized);
    }

    private byte[] Hash(string token, ReadOnlySpan<byte> role)
    {
        byte[] data = [.. role, .. binding.Span];
        return HMACSHA256.HashData(Encoding.UTF8.GetBytes(token), data);
    }
}
