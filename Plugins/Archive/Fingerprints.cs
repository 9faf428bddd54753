using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;
using Parley.Xmpp.Core.Addressing;

namespace Parley.Plugins.Archive;

/// <summary>Short stand-ins for what is only ever compared. Cut from SHA-256, so that nobody can make two that are alike.</summary>
internal static class Fingerprints
{
    private const int OriginLength = 16;

    /// <summary>Of a bare address.</summary>
    public static long OfPeer(Jid jid) => Short(jid.Bare.ToString());

    /// <summary>Of a message's own id, the attribute.</summary>
    public static long OfMessage(string id) => Short(id);

    /// <summary>Of what makes a message sent again the same: its author, whom it is with, and the author's id for it.</summary>
    public static byte[] OfOrigin(Jid author, Jid with, string originId)
    {
        // No address can hold the separator.
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes($"{author.Bare}\n{with.Bare}\n{originId}"), hash);
        return hash[..OriginLength].ToArray();
    }

    private static long Short(string text)
    {
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(Encoding.UTF8.GetBytes(text), hash);
        return BinaryPrimitives.ReadInt64LittleEndian(hash);
    }
}
