using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Parley.Plugins.FocusAgent.Negotiation;

/// <summary>
/// Hands out SSRCs of one leg: unpredictable, never 0, never twice, none that the client uses itself (RFC 3550 section 8). They are not taken back, since a key
/// must not see an SSRC's packet index again.
/// </summary>
public sealed class Ssrcs
{
    private readonly HashSet<uint> _used = [0];

    /// <summary>Keeps away from an SSRC that the client uses.</summary>
    public void Avoid(uint? ssrc)
    {
        if (ssrc is { } value) _used.Add(value);
    }

    /// <summary>A new one.</summary>
    public uint Next()
    {
        Span<byte> bytes = stackalloc byte[4];
        while (true)
        {
            RandomNumberGenerator.Fill(bytes);
            var ssrc = BinaryPrimitives.ReadUInt32BigEndian(bytes);
            if (_used.Add(ssrc)) return ssrc;
        }
    }
}
