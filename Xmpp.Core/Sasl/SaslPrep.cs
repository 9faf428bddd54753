using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Parley.Xmpp.Core.Sasl;

/// <summary>
/// Prepares user names and passwords for SASL (SASLprep, RFC 4013): spaces become U+0020, what carries no meaning goes, NFKC, and control, private-use and
/// non-characters are refused. By Unicode category rather than by the tables of Unicode 3.2, so that letters and emoji younger than 2002 work;
/// the rule on mixed directions (RFC 3454 section 6) is left to the client, since it only refuses.
/// </summary>
public static class SaslPrep
{
    /// <summary>The longest text that is prepared, in UTF-16 units: more is no password that anyone types.</summary>
    public const int MaxLength = 1024;

    /// <summary>Prepares a text; false if it is empty, too long or holds what SASLprep prohibits.</summary>
    public static bool TryPrepare(string? text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = null;
        if (text is null || text.Length is 0 or > MaxLength) return false;
        var value = text;
        if (!Ascii.IsValid(text))
        {
            if (!TryMap(text, out var mapped)) return false;
            value = mapped.Normalize(NormalizationForm.FormKC);
        }

        foreach (var rune in value.EnumerateRunes())
        {
            if (IsProhibited(rune)) return false;
        }

        if (value.Length == 0) return false;
        prepared = value;
        return true;
    }

    // RFC 4013 section 2.1; refuses unpaired surrogates, which no normalisation takes.
    private static bool TryMap(string text, [NotNullWhen(true)] out string? mapped)
    {
        mapped = null;
        var result = new StringBuilder(text.Length);
        for (var i = 0; i < text.Length;)
        {
            if (!Rune.TryGetRuneAt(text, i, out var rune)) return false;
            i += rune.Utf16SequenceLength;
            if (IsMappedToNothing(rune.Value)) continue;
            if (Rune.GetUnicodeCategory(rune) == UnicodeCategory.SpaceSeparator) result.Append(' ');
            else result.Append(text, i - rune.Utf16SequenceLength, rune.Utf16SequenceLength);
        }

        mapped = result.ToString();
        return true;
    }

    // RFC 3454 table B.1.
    private static bool IsMappedToNothing(int c) =>
        c is 0xAD or 0x34F or 0x1806 or 0x180B or 0x180C or 0x180D or 0x200B or 0x200C or 0x200D or 0x2060 or (>= 0xFE00 and <= 0xFE0F) or 0xFEFF;

    // RFC 4013 section 2.3; U+FFFD stands for text that was broken before it came here.
    private static bool IsProhibited(Rune rune) =>
        Rune.GetUnicodeCategory(rune) is UnicodeCategory.Control or UnicodeCategory.PrivateUse or UnicodeCategory.Surrogate or UnicodeCategory.Format
            or UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator
        || rune.Value is 0xFFFD or (>= 0xFDD0 and <= 0xFDEF) || (rune.Value & 0xFFFE) == 0xFFFE;
}
