using System.Security.Cryptography;
using System.Text;

namespace Parley.Media.Core.Turn;

/// <summary>How a long-term key is made of the password (RFC 8489 section 18.5).</summary>
internal enum PasswordAlgorithm : ushort
{
    Md5 = 1,
    Sha256 = 2,
}

/// <summary>A user whose credentials were looked up, with the keys made of them (RFC 8489 section 9.2.2).</summary>
internal sealed class TurnUser(byte[] name, string realm, TurnAccount account)
{
    private byte[]? _md5, _sha256, _hash;

    /// <summary>The same user with each former password.</summary>
    public IEnumerable<TurnUser> Former => account.FormerPasswords?.Select(p => new TurnUser(name, realm, account with { Password = p, FormerPasswords = null })) ?? [];

    /// <summary>The USERNAME's bytes.</summary>
    public ReadOnlySpan<byte> Name => name;

    /// <summary>What a request may have in place of the name (RFC 8489 section 14.4).</summary>
    public ReadOnlySpan<byte> Userhash => _hash ??= SHA256.HashData([.. name, (byte)':', .. Encoding.UTF8.GetBytes(realm)]);

    public string Account => account.Account;

    public bool IsGuest => account.IsGuest;

    /// <summary>The guest's room when its credentials were looked up.</summary>
    public string? Room => account.Room;

    public ReadOnlySpan<byte> Key(PasswordAlgorithm algorithm)
    {
        byte[] Text() => [.. name, (byte)':', .. Encoding.UTF8.GetBytes(realm), (byte)':', .. Encoding.UTF8.GetBytes(account.Password)];
        if (algorithm == PasswordAlgorithm.Sha256) return _sha256 ??= SHA256.HashData(Text());
#pragma warning disable CA5351 // The key that every TURN client of today knows is MD5's by RFC 8489 section 18.5.1; SHA-256 is offered beside it.
        return _md5 ??= MD5.HashData(Text());
#pragma warning restore CA5351
    }
}
