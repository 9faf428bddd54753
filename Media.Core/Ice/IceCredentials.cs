using System.Buffers.Binary;
using System.Text;
using Parley.Media.Core.Stun;

namespace Parley.Media.Core.Ice;

/// <summary>One side's ICE user fragment and password (RFC 8445 section 5.3).</summary>
public sealed class IceCredentials
{
    /// <summary>Random bytes that <see cref="FromRandom"/> uses up.</summary>
    public const int RandomLength = UfragLength + PasswordLength;

    private const int UfragLength = 8, PasswordLength = 24;
    private const string IceChars = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

    private readonly byte[] _ufrag, _password;

    /// <summary>Takes credentials as signalled.</summary>
    public IceCredentials(string ufrag, string password)
    {
        (Ufrag, Password) = (ufrag, password);
        (_ufrag, _password) = (Encoding.UTF8.GetBytes(ufrag), Encoding.UTF8.GetBytes(password));
    }

    /// <summary>The user fragment.</summary>
    public string Ufrag { get; }

    /// <summary>The password.</summary>
    public string Password { get; }

    internal ReadOnlySpan<byte> UfragBytes => _ufrag;

    internal ReadOnlySpan<byte> Key => _password;

    /// <summary>Our own user fragments are 8 bytes long, so that one fits a number and is found without allocating.</summary>
    public ulong UfragKey => ReadKey(_ufrag);

    /// <summary>Makes credentials of random bytes: 48 bits of user fragment, 144 bits of password.</summary>
    public static IceCredentials FromRandom(ReadOnlySpan<byte> random)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(random.Length, RandomLength);
        Span<char> text = stackalloc char[RandomLength];
        for (var i = 0; i < text.Length; i++) text[i] = IceChars[random[i] & 63];
        return new(new string(text[..UfragLength]), new string(text[UfragLength..]));
    }

    /// <summary>The key of the user fragment that a check is addressed to, the part of USERNAME before the colon. False if it cannot be one of ours.</summary>
    public static bool TryReadUfragKey(StunMessage check, out ulong key)
    {
        key = 0;
        if (!check.TryGet(StunAttribute.Username, out var username) || username.Length <= UfragLength || username[UfragLength] != (byte)':') return false;
        key = ReadKey(username[..UfragLength]);
        return true;
    }

    private static ulong ReadKey(ReadOnlySpan<byte> ufrag) => ufrag.Length == UfragLength ? BinaryPrimitives.ReadUInt64BigEndian(ufrag) : 0;
}
