using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Judges the XML declaration (XML 1.0 section 2.8): version 1.0, and UTF-8 where an encoding is named (RFC 6120 section 11.6).</summary>
internal static class XmlDeclaration
{
    /// <summary>The condition of a fault in <c>&lt;?xml …?&gt;</c>; null if there is none.</summary>
    public static string? Judge(ReadOnlySpan<byte> token, XmlStreamLimits limits)
    {
        // <?xml-stylesheet …?> and the like are processing instructions.
        if (XmlTag.SpaceLength(token[5..6]) == 0) return StreamConditions.RestrictedXml;
        Span<RawAttribute> parts = stackalloc RawAttribute[4];
        if (XmlTag.TryReadAttributes(token, 5, token.Length - 2, limits, parts, out var count) is { } condition) return condition;
        if (count == 0 || !Is(token, parts[0], "version"u8, "1.0"u8)) return StreamConditions.NotWellFormed;
        var next = 1;
        if (next < count && NameIs(token, parts[next], "encoding"u8))
        {
            if (!System.Text.Ascii.EqualsIgnoreCase(token.Slice(parts[next].Value, parts[next].ValueLength), "utf-8"u8)) return StreamConditions.UnsupportedEncoding;
            next++;
        }

        if (next < count && (Is(token, parts[next], "standalone"u8, "yes"u8) || Is(token, parts[next], "standalone"u8, "no"u8))) next++;
        return next == count ? null : StreamConditions.NotWellFormed;
    }

    private static bool NameIs(ReadOnlySpan<byte> token, RawAttribute part, ReadOnlySpan<byte> name) => token.Slice(part.Name, part.NameLength).SequenceEqual(name);

    private static bool Is(ReadOnlySpan<byte> token, RawAttribute part, ReadOnlySpan<byte> name, ReadOnlySpan<byte> value) =>
        NameIs(token, part, name) && token.Slice(part.Value, part.ValueLength).SequenceEqual(value);
}
