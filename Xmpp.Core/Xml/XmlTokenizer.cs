using System.Buffers;

namespace Parley.Xmpp.Core.Xml;

/// <summary>What a token begins as.</summary>
internal enum XmlTokenKind
{
    /// <summary>Nothing has come.</summary>
    None,
    /// <summary><c>&lt;</c> has come, and perhaps the beginning of a longer mark.</summary>
    Opening,
    /// <summary>Character data up to the next <c>&lt;</c>.</summary>
    Text,
    /// <summary>A start, end or empty-element tag.</summary>
    Tag,
    /// <summary>A CDATA section.</summary>
    Cdata,
    /// <summary>What begins like the XML declaration.</summary>
    Declaration,
    /// <summary>A comment, a DTD or a processing instruction, known by its first bytes.</summary>
    Restricted,
}

/// <summary>
/// Finds where tokens end, however the bytes are cut, and keeps the part of one that has come. Between tokens it holds no buffer: an idle stream costs nothing.
/// A token is judged only when whole, so that the cuts cannot change the judgement.
/// </summary>
internal sealed class XmlTokenizer
{
    private byte[]? _kept;
    private byte _quote;
    private byte _last;
    private byte _lastButOne;

    /// <summary>What the token in progress is.</summary>
    public XmlTokenKind Kind { get; private set; }

    /// <summary>The bytes of it that are kept.</summary>
    public int Length { get; private set; }

    /// <summary>Scans on; returns how many of the bytes belong to the token, all of them unless it is complete.</summary>
    public int Scan(ReadOnlySpan<byte> bytes, out bool isComplete)
    {
        isComplete = false;
        var i = 0;
        while (i < bytes.Length && Kind is XmlTokenKind.None or XmlTokenKind.Opening)
        {
            if (Kind == XmlTokenKind.None)
            {
                Kind = bytes[i] == '<' ? XmlTokenKind.Opening : XmlTokenKind.Text;
                if (Kind == XmlTokenKind.Opening) Remember(bytes[i++]);
                continue;
            }

            var known = Begin(Length + i, bytes[i]);
            if (known == XmlTokenKind.Restricted)
            {
                Kind = known;
                isComplete = true;
                return i + 1;
            }

            if (known != XmlTokenKind.Tag) Remember(bytes[i++]);
            Kind = known;
        }

        var rest = bytes[i..];
        var length = Kind switch
        {
            XmlTokenKind.Text => rest.IndexOf((byte)'<'),
            XmlTokenKind.Tag => EndOfTag(rest),
            XmlTokenKind.Cdata => EndAfter(rest, (byte)']', (byte)']'),
            XmlTokenKind.Declaration => EndAfter(rest, 0, (byte)'?'),
            _ => -1,
        };
        isComplete = length >= 0;
        return isComplete ? i + length : bytes.Length;
    }

    /// <summary>Keeps bytes of a token that is not complete.</summary>
    public void Keep(ReadOnlySpan<byte> bytes)
    {
        if (_kept is null || _kept.Length - Length < bytes.Length)
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Length + bytes.Length, 2 * Length));
            if (_kept is not null)
            {
                _kept.AsSpan(0, Length).CopyTo(larger);
                ArrayPool<byte>.Shared.Return(_kept);
            }

            _kept = larger;
        }

        bytes.CopyTo(_kept.AsSpan(Length));
        Length += bytes.Length;
    }

    /// <summary>The whole token, of which these are the last bytes. Valid until <see cref="Reset"/>.</summary>
    public ReadOnlySpan<byte> Complete(ReadOnlySpan<byte> bytes)
    {
        if (_kept is null) return bytes;
        Keep(bytes);
        return _kept.AsSpan(0, Length);
    }

    /// <summary>Forgets the token and gives its buffer back.</summary>
    public void Reset()
    {
        if (_kept is not null) ArrayPool<byte>.Shared.Return(_kept);
        (_kept, Length, Kind, _quote) = (null, 0, XmlTokenKind.None, 0);
    }

    // What the byte at a position of the token makes of it, while only '<' or a part of a longer mark has come.
    private XmlTokenKind Begin(int position, byte b)
    {
        if (position == 1 && b is not ((byte)'!' or (byte)'?')) return XmlTokenKind.Tag;
        var isCdata = position == 1 ? b == '!' : _quote == '!';
        // The quote is not needed before a tag is known to be one: it says which mark is being spelled.
        if (position == 1) _quote = b;
        var mark = isCdata ? "<![CDATA["u8 : "<?xml"u8;
        if (b != mark[position]) return XmlTokenKind.Restricted;
        if (position < mark.Length - 1) return XmlTokenKind.Opening;
        return isCdata ? XmlTokenKind.Cdata : XmlTokenKind.Declaration;
    }

    private int EndOfTag(ReadOnlySpan<byte> rest)
    {
        var i = 0;
        while (true)
        {
            var found = _quote == 0 ? rest[i..].IndexOfAny((byte)'>', (byte)'\'', (byte)'"') : rest[i..].IndexOf(_quote);
            if (found < 0) return -1;
            i += found + 1;
            if (_quote != 0) _quote = 0;
            else if (rest[i - 1] == '>') return i;
            else _quote = rest[i - 1];
        }
    }

    // The position behind the first '>' that follows these two bytes; 0 stands for any.
    private int EndAfter(ReadOnlySpan<byte> rest, byte first, byte second)
    {
        for (var i = 0; i < rest.Length; i++)
        {
            if (rest[i] == '>' && _last == second && (first == 0 || _lastButOne == first)) return i + 1;
            Remember(rest[i]);
        }

        return -1;
    }

    private void Remember(byte b) => (_lastButOne, _last) = (_last, b);
}
