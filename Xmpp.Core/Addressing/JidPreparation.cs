using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Text;

namespace Parley.Xmpp.Core.Addressing;

/// <summary>
/// Prepares the parts of an address: the UsernameCaseMapped and OpaqueString profiles of PRECIS (RFC 8265) as RFC 7622 applies them,
/// by Unicode category rather than by the full derived-property table.
/// </summary>
internal static class JidPreparation
{
    private const string ForbiddenInLocal = "\"&'/:<>@";
    private const int ZeroWidthNonJoiner = 0x200C, ZeroWidthJoiner = 0x200D;

    // What nearly every address is made of, and stays as it is.
    private static readonly SearchValues<char> PlainInDomain = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789."), PlainInLocal = SearchValues.Create("abcdefghijklmnopqrstuvwxyz0123456789._-+");

    public static bool TryLocal(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = text;
        if (text.Length is > 0 and <= Jid.MaxPartBytes && !text.AsSpan().ContainsAnyExcept(PlainInLocal)) return true;
        prepared = null;
        if (text.Length is 0 or > Jid.MaxPartBytes || !TryNormalize(text.ToLowerInvariant(), out var value)) return false;
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.Value < 0x80 && ForbiddenInLocal.Contains((char)rune.Value)) return false;
            if (!IsIdentifier(rune)) return false;
        }

        if (Encoding.UTF8.GetByteCount(value) > Jid.MaxPartBytes) return false;
        prepared = value;
        return true;
    }

    public static bool TryDomain(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = text;
        // 63: so that no label is too long.
        if (text is [not '.', .., not '.'] and { Length: <= 63 } && !text.AsSpan().ContainsAnyExcept(PlainInDomain) && !text.Contains("..", StringComparison.Ordinal)) return true;
        prepared = null;
        if (text.EndsWith('.')) text = text[..^1];
        if (text.Length is 0 or > Jid.MaxPartBytes) return false;
        if (text[0] == '[')
        {
            if (text[^1] != ']' || !System.Net.IPAddress.TryParse(text.AsSpan(1, text.Length - 2), out _)) return false;
            prepared = text.ToLowerInvariant();
            return true;
        }

        if (!TryNormalize(text.ToLowerInvariant(), out var value)) return false;
        foreach (var label in value.Split('.'))
        {
            if (label.Length is 0 or > 63 || label[0] == '-' || label[^1] == '-') return false;
            foreach (var rune in label.EnumerateRunes())
            {
                if (rune.Value != '-' && rune.Value != '_' && !IsLetterDigit(rune)) return false;
            }
        }

        if (Encoding.UTF8.GetByteCount(value) > Jid.MaxPartBytes) return false;
        prepared = value;
        return true;
    }

    public static bool TryResource(string text, [NotNullWhen(true)] out string? prepared)
    {
        prepared = text;
        if (text.Length is > 0 and <= Jid.MaxPartBytes && !text.AsSpan().ContainsAnyExceptInRange(' ', '~')) return true;
        prepared = null;
        if (text.Length is 0 or > Jid.MaxPartBytes || !TryNormalize(WithPlainSpaces(text), out var value)) return false;
        foreach (var rune in value.EnumerateRunes())
        {
            if (!IsFreeform(rune)) return false;
        }

        if (Encoding.UTF8.GetByteCount(value) > Jid.MaxPartBytes) return false;
        prepared = value;
        return true;
    }

    // RFC 8265 section 4.2.1: every kind of space is a space.
    private static string WithPlainSpaces(string text) => string.Create(text.Length, text, static (to, from) =>
    {
        for (var i = 0; i < to.Length; i++) to[i] = char.GetUnicodeCategory(from[i]) == UnicodeCategory.SpaceSeparator ? ' ' : from[i];
    });

    private static bool TryNormalize(string text, [NotNullWhen(true)] out string? normalized)
    {
        normalized = text;
        if (Ascii.IsValid(text)) return true;
        try
        {
            normalized = text.Normalize(NormalizationForm.FormC);
            return true;
        }
        catch (ArgumentException)
        {
            // An unpaired surrogate: no Unicode text at all.
            return false;
        }
    }

    // RFC 8264 FreeformClass: what turns text around or cannot be seen would make one name look like another. The joiners are what emoji and some scripts are written with.
    private static bool IsFreeform(Rune rune) => rune.Value is ZeroWidthNonJoiner or ZeroWidthJoiner || Rune.GetUnicodeCategory(rune) is not (
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse or UnicodeCategory.OtherNotAssigned or
        UnicodeCategory.LineSeparator or UnicodeCategory.ParagraphSeparator);

    // RFC 8264 IdentifierClass: printable ASCII, letters, digits and marks.
    private static bool IsIdentifier(Rune rune) => rune.Value is > 0x20 and < 0x7F || (rune.Value >= 0x80 && IsLetterDigit(rune));

    private static bool IsLetterDigit(Rune rune) => Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.LowercaseLetter or UnicodeCategory.UppercaseLetter or UnicodeCategory.OtherLetter or UnicodeCategory.ModifierLetter or
        UnicodeCategory.DecimalDigitNumber or UnicodeCategory.NonSpacingMark or UnicodeCategory.SpacingCombiningMark;
}
