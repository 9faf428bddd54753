using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Turn;

/// <summary>What came of a request's credentials.</summary>
internal enum TurnVerdict
{
    /// <summary>They are right.</summary>
    Accepted,
    /// <summary>401 with a challenge.</summary>
    Unauthorized,
    /// <summary>438 with a challenge.</summary>
    Stale,
    /// <summary>400 without anything.</summary>
    Malformed,
    /// <summary>No answer: the network's budget is spent.</summary>
    OverBudget,
}

/// <summary>A verdict, and what the answer to an accepted request is signed with.</summary>
/// <param name="Verdict">The verdict.</param>
/// <param name="User">The user, if accepted.</param>
/// <param name="Algorithm">How its key was made.</param>
/// <param name="SignsSha256">Whether the answer carries MESSAGE-INTEGRITY-SHA256 instead of MESSAGE-INTEGRITY.</param>
/// <param name="IsPaid">Whether the answer's worth of budget is taken already.</param>
internal readonly record struct TurnAuthentication(
    TurnVerdict Verdict, TurnUser? User = null, PasswordAlgorithm Algorithm = PasswordAlgorithm.Md5, bool SignsSha256 = false, bool IsPaid = false);

/// <summary>The long-term credential mechanism (RFC 8489 section 9.2.4), in that section's order.</summary>
internal sealed class TurnAuthenticator(TurnShared shared)
{
    private static readonly UTF8Encoding Utf8 = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    // RFC 8489 section 14.3.
    private const int MaxUsername = 508;

    // Section 14.4.
    private const int UserhashBytes = 32;

    /// <summary>The value of PASSWORD-ALGORITHMS: SHA-256, then MD5, without parameters.</summary>
    public static ReadOnlySpan<byte> Algorithms => [0, 2, 0, 0, 0, 1, 0, 0];

    /// <summary>Checks a request.</summary>
    /// <param name="message">The request.</param>
    /// <param name="path">Its five-tuple.</param>
    /// <param name="holder">The user of the allocation that lives there; its credentials stay good for as long as it does.</param>
    /// <param name="nowMs">The time.</param>
    public TurnAuthentication Check(StunMessage message, in FiveTuple path, TurnUser? holder, long nowMs)
    {
        if (!message.Has(StunAttribute.MessageIntegrity) && !message.Has(StunAttribute.MessageIntegritySha256)) return new(TurnVerdict.Unauthorized);
        var hasName = message.TryGet(StunAttribute.Username, out var name) || message.Has(StunAttribute.Userhash);
        if (!hasName || !message.Has(StunAttribute.Realm) || !message.TryGet(StunAttribute.Nonce, out var nonce)) return new(TurnVerdict.Malformed);

        // Without a nonce of ours the sender's address may be forged and the answer is an unauthenticated one in any case: paid before the work of looking the
        // user up, so that a flood buys no more of it than of answers.
        var isFresh = shared.Nonces.IsFresh(nonce, path.Client, nowMs);
        if (!(isFresh ? shared.TryTakeRequest(path.Client.Address, nowMs) : shared.TryTakeAnswer(path.Client.Address, nowMs))) return new(TurnVerdict.OverBudget);
        var refusal = new TurnAuthentication(TurnVerdict.Unauthorized, IsPaid: !isFresh);

        if (!TryReadAlgorithm(message, out var algorithm, out var isNamed)) return refusal with { Verdict = TurnVerdict.Malformed };
        if ((name.IsEmpty ? FindByHash(message, holder) : Find(name, holder)) is not { } user) return refusal;
        if (!Proves(message, user, algorithm))
        {
            TurnUser? proven = null;
            foreach (var former in user.Former)
            {
                if (Proves(message, former, algorithm)) proven = former;
            }

            if (proven is null) return refusal;
            user = proven; // the answer is signed by the password that the client has
        }

        return isFresh ? new(TurnVerdict.Accepted, user, algorithm, isNamed) : refusal with { Verdict = TurnVerdict.Stale };
    }

    private static bool Proves(StunMessage message, TurnUser user, PasswordAlgorithm algorithm)
    {
        var key = user.Key(algorithm);
        return (message.Has(StunAttribute.MessageIntegritySha256) ? message.CheckIntegritySha256(key) : message.CheckIntegrity(key)) == StunProof.Valid;
    }

    // USERHASH is taken, but not asked for (bit 1 of the nonce cookie): of names in the REST form that others made with the secret no hash is known, and who is asked for it
    // may send nothing else. A name with both is judged by the name.
    private TurnUser? FindByHash(StunMessage message, TurnUser? holder)
    {
        if (!message.TryGet(StunAttribute.Userhash, out var hash) || hash.Length != UserhashBytes) return null;
        if (holder is not null && CryptographicOperations.FixedTimeEquals(hash, holder.Userhash)) return holder;
        return shared.Keys.FindName(hash) is { } name ? Find(Encoding.UTF8.GetBytes(name), holder) : null;
    }

    private TurnUser? Find(ReadOnlySpan<byte> name, TurnUser? holder)
    {
        if (name.Length is 0 or > MaxUsername) return null;
        if (holder is not null && name.SequenceEqual(holder.Name)) return holder;
        string text;
        try
        {
            text = Utf8.GetString(name);
        }
        catch (DecoderFallbackException)
        {
            return null; // the framework reports what is not UTF-8 only so
        }

        return shared.Keys.Find(text) is { } account ? new TurnUser(name.ToArray(), shared.Settings.Realm, account) : null;
    }

    private static bool TryReadAlgorithm(StunMessage message, out PasswordAlgorithm algorithm, out bool isNamed)
    {
        algorithm = PasswordAlgorithm.Md5;
        var hasList = message.TryGet(StunAttribute.PasswordAlgorithms, out var list);
        isNamed = message.TryGet(StunAttribute.PasswordAlgorithm, out var one) || hasList;
        if (!isNamed) return true;
        if (one.Length != 4 || !list.SequenceEqual(Algorithms) || one[2] != 0 || one[3] != 0) return false;
        algorithm = (PasswordAlgorithm)BinaryPrimitives.ReadUInt16BigEndian(one);
        return algorithm is PasswordAlgorithm.Md5 or PasswordAlgorithm.Sha256;
    }
}
