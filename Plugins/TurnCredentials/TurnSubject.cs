using System.Text;

namespace Parley.Plugins.TurnCredentials;

/// <summary>Whom a username was issued to.</summary>
/// <param name="Account">What quota counts by: an account's bare address, or a guest's group.</param>
/// <param name="GuestSession">The id of the guest's session; null for an account.</param>
public sealed record TurnSubject(string Account, string? GuestSession = null)
{
    private const byte AccountMark = (byte)'a', GuestMark = (byte)'g';

    /// <summary>Whether this is a guest.</summary>
    public bool IsGuest => GuestSession is not null;

    /// <summary>The bytes that a username hides.</summary>
    public byte[] Write() => GuestSession is null
        ? [AccountMark, .. Encoding.UTF8.GetBytes(Account)]
        : [GuestMark, .. Encoding.UTF8.GetBytes($"{Account}\n{GuestSession}")]; // neither part holds a line feed

    /// <summary>Reads what <see cref="Write"/> wrote; null if it is nothing of the kind.</summary>
    public static TurnSubject? Read(ReadOnlySpan<byte> bytes)
    {
        if (bytes.Length < 2) return null;
        var text = Encoding.UTF8.GetString(bytes[1..]);
        if (bytes[0] == AccountMark) return new TurnSubject(text);
        var cut = text.IndexOf('\n', StringComparison.Ordinal);
        return bytes[0] == GuestMark && cut > 0 ? new TurnSubject(text[..cut], text[(cut + 1)..]) : null;
    }
}
