using System.Numerics;

namespace Parley.Media.Core.Recording;

/// <summary>The head of an EBML element (RFC 8794 sections 5 and 6).</summary>
/// <param name="Id">Its id, markers included.</param>
/// <param name="Length">The head's length.</param>
/// <param name="Size">The content's size; -1 for unknown.</param>
internal readonly record struct EbmlHead(uint Id, int Length, long Size)
{
    /// <summary>The longest head.</summary>
    public const int MaxLength = 12;

    /// <summary>Reads a head; false where there is none, or only a part.</summary>
    public static bool TryRead(ReadOnlySpan<byte> bytes, out EbmlHead head)
    {
        head = default;
        if (bytes.IsEmpty) return false;
        var idWidth = BitOperations.LeadingZeroCount((uint)bytes[0]) - 24 + 1;
        if (idWidth > 4 || bytes.Length <= idWidth) return false;
        var id = 0u;
        for (var i = 0; i < idWidth; i++) id = (id << 8) | bytes[i];
        var width = BitOperations.LeadingZeroCount((uint)bytes[idWidth]) - 24 + 1;
        if (width > 8 || bytes.Length < idWidth + width) return false;
        var size = (ulong)bytes[idWidth] & (0xFFu >> width);
        for (var i = 1; i < width; i++) size = (size << 8) | bytes[idWidth + i];
        var isUnknown = size == (1UL << (7 * width)) - 1;
        head = new(id, idWidth + width, isUnknown ? -1 : (long)size);
        return true;
    }

    /// <summary>Reads an unsigned integer's content.</summary>
    public static ulong Unsigned(ReadOnlySpan<byte> content)
    {
        var value = 0UL;
        foreach (var b in content[..Math.Min(8, content.Length)]) value = (value << 8) | b;
        return value;
    }
}
