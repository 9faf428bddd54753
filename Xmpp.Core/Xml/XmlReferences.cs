using System.Globalization;
using System.Text;
using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Resolves references: the five predefined entities and characters by number; entities of one's own are forbidden (RFC 6120 section 11.1).</summary>
internal static class XmlReferences
{
    /// <summary>Resolves what stands between <c>&amp;</c> and <c>;</c>; returns the condition of a fault.</summary>
    public static string? Resolve(ReadOnlySpan<byte> name, out Rune rune)
    {
        rune = default;
        if (name[0] == '#') return Number(name[1..], out rune);
        int c = name.SequenceEqual("lt"u8) ? '<'
            : name.SequenceEqual("gt"u8) ? '>'
            : name.SequenceEqual("amp"u8) ? '&'
            : name.SequenceEqual("apos"u8) ? '\''
            : name.SequenceEqual("quot"u8) ? '"'
            : 0;
        if (c == 0) return XmlNames.TrySplit(name, out _) ? StreamConditions.RestrictedXml : StreamConditions.NotWellFormed;
        rune = new Rune(c);
        return null;
    }

    private static string? Number(ReadOnlySpan<byte> digits, out Rune rune)
    {
        rune = default;
        var isHex = digits is [(byte)'x', ..];
        if (isHex) digits = digits[1..];
        if (digits.IsEmpty) return StreamConditions.NotWellFormed;
        if (!uint.TryParse(digits, isHex ? NumberStyles.AllowHexSpecifier : NumberStyles.None, CultureInfo.InvariantCulture, out var value)) return StreamConditions.NotWellFormed;
        var isChar = value is 9 or 10 or 13 or (>= 0x20 and <= 0xD7FF) or (>= 0xE000 and <= 0xFFFD) or (>= 0x10000 and <= 0x10FFFF);
        if (!isChar) return StreamConditions.NotWellFormed;
        rune = new Rune(value);
        return null;
    }
}
