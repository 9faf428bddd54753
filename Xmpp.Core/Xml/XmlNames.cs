using System.Buffers;
using System.Text;

namespace Parley.Xmpp.Core.Xml;

/// <summary>Which bytes make a name (XML 1.0, fifth edition, section 2.3; Namespaces in XML 1.0 section 4).</summary>
internal static class XmlNames
{
    private static readonly SearchValues<byte> AsciiNameBytes = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.:"u8);

    /// <summary>How many bytes at the start may belong to a name; not yet whether they make one.</summary>
    public static int RunLength(ReadOnlySpan<byte> utf8)
    {
        for (var i = 0; i < utf8.Length; i++)
        {
            if (utf8[i] < 0x80 && !AsciiNameBytes.Contains(utf8[i])) return i;
        }

        return utf8.Length;
    }

    /// <summary>Splits a qualified name at its colon; false if it is not <c>NCName</c> or <c>NCName:NCName</c>. The prefix is empty if there is none.</summary>
    public static bool TrySplit(ReadOnlySpan<byte> name, out int prefixLength)
    {
        prefixLength = Math.Max(name.IndexOf((byte)':'), 0);
        if (name.IsEmpty || name[0] == ':') return false;
        return prefixLength == 0 ? IsNcName(name) : IsNcName(name[..prefixLength]) && IsNcName(name[(prefixLength + 1)..]);
    }

    private static bool IsNcName(ReadOnlySpan<byte> name)
    {
        if (name.IsEmpty) return false;
        for (var i = 0; i < name.Length;)
        {
            int c = name[i];
            var length = 1;
            if (c >= 0x80)
            {
                if (Rune.DecodeFromUtf8(name[i..], out var rune, out length) != OperationStatus.Done) return false;
                c = rune.Value;
            }

            if (!IsStart(c) && (i == 0 || !IsRest(c))) return false;
            i += length;
        }

        return true;
    }

    private static bool IsStart(int c) => c switch
    {
        (>= 'a' and <= 'z') or (>= 'A' and <= 'Z') or '_' => true,
        < 0x80 => false,
        (>= 0xC0 and <= 0xD6) or (>= 0xD8 and <= 0xF6) or (>= 0xF8 and <= 0x2FF) or (>= 0x370 and <= 0x37D) or (>= 0x37F and <= 0x1FFF) => true,
        (>= 0x200C and <= 0x200D) or (>= 0x2070 and <= 0x218F) or (>= 0x2C00 and <= 0x2FEF) or (>= 0x3001 and <= 0xD7FF) => true,
        (>= 0xF900 and <= 0xFDCF) or (>= 0xFDF0 and <= 0xFFFD) or (>= 0x10000 and <= 0xEFFFF) => true,
        _ => false,
    };

    private static bool IsRest(int c) => c is (>= '0' and <= '9') or '-' or '.' or 0xB7 or (>= 0x300 and <= 0x36F) or (>= 0x203F and <= 0x2040);
}
