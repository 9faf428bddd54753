using System.Buffers;
using System.Text;
using System.Text.Unicode;
using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Reads character data and attribute values: references, line ends and white space (XML 1.0 sections 2.11, 3.3.3, 4.1 and 4.6).</summary>
internal static class XmlText
{
    private static readonly SearchValues<byte> Controls = SearchValues.Create(
        [0, 1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 25, 26, 27, 28, 29, 30, 31]);

    private static readonly SearchValues<byte> SpecialInText = SearchValues.Create("&\r"u8);
    private static readonly SearchValues<byte> SpecialInValue = SearchValues.Create("&\r\n\t"u8);

    /// <summary>The condition that bytes of a token deserve before anything else is looked at; null if they are characters that XML may carry.</summary>
    public static string? Judge(ReadOnlySpan<byte> token)
    {
        if (token.ContainsAny(Controls)) return Utf8.IsValid(token) ? StreamConditions.NotWellFormed : StreamConditions.UnsupportedEncoding;
        if (Ascii.IsValid(token)) return null;
        if (!Utf8.IsValid(token)) return StreamConditions.UnsupportedEncoding;
        // U+FFFE and U+FFFF are the only other characters outside XML 1.0 section 2.2 that UTF-8 can carry.
        for (var rest = token; rest.IndexOf((byte)0xEF) is >= 0 and var i; rest = rest[(i + 1)..])
        {
            if (rest.Length > i + 2 && rest[i + 1] == 0xBF && rest[i + 2] >= 0xBE) return StreamConditions.NotWellFormed;
        }

        return null;
    }

    /// <summary>Character data between tags.</summary>
    public static string? TryReadText(ReadOnlySpan<byte> raw, out string text)
    {
        text = "";
        return raw.IndexOf("]]>"u8) >= 0 ? StreamConditions.NotWellFormed : Decode(raw, SpecialInText, out text);
    }

    /// <summary>A CDATA section's inside: only line ends change.</summary>
    public static string ReadCdata(ReadOnlySpan<byte> raw) =>
        raw.Contains((byte)'\r') ? Encoding.UTF8.GetString(raw).Replace("\r\n", "\n", StringComparison.Ordinal).Replace('\r', '\n') : Encoding.UTF8.GetString(raw);

    /// <summary>An attribute's value, without its quotes.</summary>
    public static string? TryReadValue(ReadOnlySpan<byte> raw, out string value)
    {
        value = "";
        return raw.Contains((byte)'<') ? StreamConditions.NotWellFormed : Decode(raw, SpecialInValue, out value);
    }

    private static string? Decode(ReadOnlySpan<byte> raw, SearchValues<byte> special, out string text)
    {
        if (!raw.ContainsAny(special))
        {
            text = KnownNames.Get(raw);
            return null;
        }

        // What a reference stands for is never longer than the reference.
        var buffer = ArrayPool<byte>.Shared.Rent(raw.Length);
        try
        {
            var condition = Decode(raw, special, buffer, out var length);
            text = condition is null ? Encoding.UTF8.GetString(buffer, 0, length) : "";
            return condition;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private static string? Decode(ReadOnlySpan<byte> raw, SearchValues<byte> special, Span<byte> into, out int length)
    {
        length = 0;
        var isValue = special == SpecialInValue;
        while (true)
        {
            var plain = raw.IndexOfAny(special);
            if (plain < 0) plain = raw.Length;
            raw[..plain].CopyTo(into[length..]);
            length += plain;
            raw = raw[plain..];
            if (raw.IsEmpty) return null;
            if (raw[0] != '&')
            {
                into[length++] = isValue ? (byte)' ' : (byte)'\n';
                raw = raw[(raw is [(byte)'\r', (byte)'\n', ..] ? 2 : 1)..];
                continue;
            }

            var end = raw.IndexOf((byte)';');
            if (end < 2) return StreamConditions.NotWellFormed;
            if (XmlReferences.Resolve(raw[1..end], out var rune) is { } condition) return condition;
            length += rune.EncodeToUtf8(into[length..]);
            raw = raw[(end + 1)..];
        }
    }
}
