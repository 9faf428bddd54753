using Parley.Xmpp.Core.Streams;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Where the parts of an attribute stand in its tag.</summary>
internal readonly record struct RawAttribute(int Name, int NameLength, int PrefixLength, int Value, int ValueLength);

/// <summary>Takes a start tag apart (XML 1.0 section 3.1).</summary>
internal static class XmlTag
{
    /// <summary>Finds name and attributes of <c>&lt;name …&gt;</c> or <c>&lt;name …/&gt;</c>; returns the condition of a fault.</summary>
    public static string? TryRead(ReadOnlySpan<byte> token, XmlStreamLimits limits, Span<RawAttribute> attributes, out int nameLength, out int prefixLength, out int count, out bool isEmpty)
    {
        prefixLength = count = 0;
        var end = token.Length - 1;
        isEmpty = token[end - 1] == '/';
        if (isEmpty) end--;
        nameLength = XmlNames.RunLength(token[1..end]);
        if (nameLength > limits.NameBytes) return StreamConditions.PolicyViolation;
        return !XmlNames.TrySplit(token.Slice(1, nameLength), out prefixLength)
            ? StreamConditions.NotWellFormed
            : TryReadAttributes(token, 1 + nameLength, end, limits, attributes, out count);
    }

    /// <summary>Finds attributes, each after white space, between two positions.</summary>
    public static string? TryReadAttributes(ReadOnlySpan<byte> token, int at, int end, XmlStreamLimits limits, Span<RawAttribute> attributes, out int count)
    {
        count = 0;
        while (true)
        {
            var space = SpaceLength(token[at..end]);
            at += space;
            if (at == end) return null;
            if (space == 0) return StreamConditions.NotWellFormed;
            var nameLength = XmlNames.RunLength(token[at..end]);
            if (nameLength > limits.NameBytes) return StreamConditions.PolicyViolation;
            if (!XmlNames.TrySplit(token.Slice(at, nameLength), out var prefixLength)) return StreamConditions.NotWellFormed;
            var name = at;
            at += nameLength;
            at += SpaceLength(token[at..end]);
            if (at == end || token[at++] != '=') return StreamConditions.NotWellFormed;
            at += SpaceLength(token[at..end]);
            if (at == end || token[at] is not ((byte)'"' or (byte)'\'')) return StreamConditions.NotWellFormed;
            var valueLength = token[(at + 1)..end].IndexOf(token[at]);
            if (valueLength < 0) return StreamConditions.NotWellFormed;
            if (count == limits.Attributes || count == attributes.Length) return StreamConditions.PolicyViolation;
            for (var i = 0; i < count; i++)
            {
                if (token.Slice(name, nameLength).SequenceEqual(token.Slice(attributes[i].Name, attributes[i].NameLength))) return StreamConditions.NotWellFormed;
            }

            attributes[count++] = new RawAttribute(name, nameLength, prefixLength, at + 1, valueLength);
            at += valueLength + 2;
        }
    }

    /// <summary>How much white space there is at the start (XML 1.0 section 2.3).</summary>
    public static int SpaceLength(ReadOnlySpan<byte> bytes)
    {
        var other = bytes.IndexOfAnyExcept(" \t\r\n"u8);
        return other < 0 ? bytes.Length : other;
    }
}
