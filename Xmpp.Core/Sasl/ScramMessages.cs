using System.Buffers.Text;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>The client-first-message (RFC 5802 section 7).</summary>
/// <param name="Flag">How the client stands to channel binding: <c>n</c>, <c>y</c> or <c>p</c>.</param>
/// <param name="Binding">The channel binding's name with the flag <c>p</c>.</param>
/// <param name="AuthorizationId">The authorization id, if any.</param>
/// <param name="UserName">The user name, unescaped and prepared.</param>
/// <param name="Nonce">The client's nonce.</param>
/// <param name="Gs2Header">The GS2 header as sent.</param>
/// <param name="Bare">The rest as sent.</param>
internal sealed record ScramClientFirst(char Flag, string? Binding, string? AuthorizationId, string UserName, string Nonce, string Gs2Header, string Bare)
{
    // No client's nonce comes near; the salted hash of a session is not to be bought by length.
    private const int LongestNonce = 256;

    public static bool TryRead(ReadOnlySpan<byte> message, [NotNullWhen(true)] out ScramClientFirst? first)
    {
        first = null;
        if (!ScramText.TryDecode(message, out var text)) return false;
        var parts = text.Split(',', 3);
        if (parts.Length < 3 || parts[0].Length == 0) return false;
        var flag = parts[0][0];
        string? binding = null;
        if (flag == 'p' && parts[0] is ['p', '=', _, ..]) binding = parts[0][2..];
        else if (parts[0] is not ("n" or "y")) return false;

        string? authorizationId = null;
        if (parts[1].Length > 0 && (!parts[1].StartsWith("a=", StringComparison.Ordinal) || !ScramText.TryUnescape(parts[1][2..], out authorizationId))) return false;
        // A mandatory extension that we do not know comes first ("m="), and fails here as the RFC demands.
        var fields = parts[2].Split(',');
        if (fields.Length < 2 || !fields[0].StartsWith("n=", StringComparison.Ordinal) || !fields[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        if (!ScramText.TryUnescape(fields[0][2..], out var raw) || !SaslPrep.TryPrepare(raw, out var user)) return false;
        var nonce = fields[1][2..];
        if (nonce.Length is 0 or > LongestNonce || !ScramText.IsPrintable(nonce)) return false;
        first = new ScramClientFirst(flag, binding, authorizationId, user, nonce, $"{parts[0]},{parts[1]},", parts[2]);
        return true;
    }
}

/// <summary>The client-final-message (RFC 5802 section 7).</summary>
internal sealed record ScramClientFinal(string Nonce, byte[] Binding, byte[] Proof, string WithoutProof)
{
    public static bool TryRead(ReadOnlySpan<byte> message, [NotNullWhen(true)] out ScramClientFinal? final)
    {
        final = null;
        if (!ScramText.TryDecode(message, out var text)) return false;
        var end = text.LastIndexOf(",p=", StringComparison.Ordinal);
        if (end < 0) return false;
        var fields = text[..end].Split(',');
        if (fields.Length < 2 || !fields[0].StartsWith("c=", StringComparison.Ordinal) || !fields[1].StartsWith("r=", StringComparison.Ordinal)) return false;
        if (!ScramText.TryBase64(fields[0][2..], out var binding) || !ScramText.TryBase64(text[(end + 3)..], out var proof)) return false;
        final = new ScramClientFinal(fields[1][2..], binding, proof, text[..end]);
        return true;
    }
}

/// <summary>The spelling that SCRAM messages share.</summary>
internal static class ScramText
{
    private static readonly UTF8Encoding Strict = new(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true);

    public static bool TryDecode(ReadOnlySpan<byte> message, out string text)
    {
        text = "";
        if (!System.Text.Unicode.Utf8.IsValid(message)) return false;
        text = Strict.GetString(message);
        return !text.Contains('\0', StringComparison.Ordinal);
    }

    /// <summary>Undoes <c>=2C</c> and <c>=3D</c>; any other equals sign is a fault (RFC 5802 section 5.1).</summary>
    public static bool TryUnescape(string text, [NotNullWhen(true)] out string? value)
    {
        var plain = text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "", StringComparison.Ordinal);
        value = plain.Contains('=', StringComparison.Ordinal) ? null : text.Replace("=2C", ",", StringComparison.Ordinal).Replace("=3D", "=", StringComparison.Ordinal);
        return value is not null;
    }

    public static bool IsPrintable(string text) => text.All(c => c is >= '!' and <= '~');

    public static bool TryBase64(string text, [NotNullWhen(true)] out byte[]? bytes)
    {
        bytes = null;
        // Convert would forgive white space.
        if (text.Length == 0 || !IsPrintable(text) || !Base64.IsValid(text)) return false;
        bytes = Convert.FromBase64String(text);
        return true;
    }
}
