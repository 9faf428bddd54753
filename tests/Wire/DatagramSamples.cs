using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Parley.tests.Wire;

/// <summary>Datagrams of every kind that a media or TURN port may see (RFC 7983), built by hand, and what chance makes of them.</summary>
internal static class DatagramSamples
{
    private const uint MagicCookie = 0x2112A442;

    /// <summary>One of each kind. None of them is authenticated.</summary>
    public static IReadOnlyList<byte[]> All { get; } =
    [
        Stun(0x0001),
        Stun(0x0001, (0x0006, "abcd:efgh"u8.ToArray()), (0x0025, []), (0x0024, [0x6e, 0, 1, 0xff]), (0x8029, new byte[8]), (0x0008, new byte[20]), (0x8028, new byte[4])),
        Stun(0x0003, (0x0019, [17, 0, 0, 0])),
        Stun(0x0003, (0x0019, [17, 0, 0, 0]), (0x0006, Encoding.ASCII.GetBytes("9999999999:ann")), (0x0014, "localhost"u8.ToArray()), (0x0015, new byte[40]), (0x0008, new byte[20])),
        Stun(0x0004, (0x000D, new byte[4])),
        Stun(0x0008, (0x0012, [0, 1, 0x21, 0x12, 0x5e, 0x12, 0xa4, 0x43])),
        Stun(0x0009, (0x000C, [0x40, 0, 0, 0]), (0x0012, [0, 1, 0x21, 0x12, 0x5e, 0x12, 0xa4, 0x43])),
        Stun(0x0016, (0x0012, [0, 1, 0x21, 0x12, 0x5e, 0x12, 0xa4, 0x43]), (0x0013, new byte[12])),
        Stun(0x0101, (0x0020, [0, 1, 0x21, 0x12, 0x5e, 0x12, 0xa4, 0x43])),
        [0x40, 0x00, 0x00, 0x08, 1, 2, 3, 4, 5, 6, 7, 8], // ChannelData
        ClientHello(),
        [0x14, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 1], // ChangeCipherSpec
        [0x15, 0xfe, 0xfd, 0, 0, 0, 0, 0, 0, 0, 2, 0, 2, 2, 40], // Alert
        [0x17, 0xfe, 0xfd, 0, 1, 0, 0, 0, 0, 0, 3, 0, 16, .. new byte[16]], // Application data
        [0x80, 111, 0, 1, 0, 0, 0, 1, 0, 0, 0, 9, .. new byte[60]], // RTP
        [0x90, 0x80 | 96, 0, 2, 0, 0, 0, 2, 0, 0, 0, 9, 0xbe, 0xde, 0, 1, 0x10, 0x30, 0, 0, .. new byte[200]], // RTP with extensions
        [0x81, 201, 0, 7, 0, 0, 0, 1, 0, 0, 0, 9, .. new byte[20]], // RTCP receiver report
        [0x81, 206, 0, 2, 0, 0, 0, 1, 0, 0, 0, 9, 0, 0, 0, 0, 0x80, 0, 0, 1, .. new byte[10]], // SRTCP PLI
    ];

    /// <summary>A sample with some bytes turned, cut, or added, or bytes that were never anything.</summary>
    public static byte[] Mutate(Random random)
    {
        if (random.Next(8) == 0) return RandomBytes(random, random.Next(0, 1400));
        var bytes = (byte[])All[random.Next(All.Count)].Clone();
        for (var i = random.Next(0, 6); i > 0 && bytes.Length > 0; i--)
        {
            // Lengths and types stand in front: they are hit as often as all else together.
            bytes[random.Next(2) == 0 ? random.Next(Math.Min(24, bytes.Length)) : random.Next(bytes.Length)] = (byte)random.Next(256);
        }

        return random.Next(4) switch
        {
            0 => bytes[..random.Next(bytes.Length + 1)],
            1 => [.. bytes, .. RandomBytes(random, random.Next(1, 100))],
            _ => bytes,
        };
    }

    private static byte[] RandomBytes(Random random, int count)
    {
        var bytes = new byte[count];
        random.NextBytes(bytes);
        return bytes;
    }

    // RFC 8489 section 5.
    private static byte[] Stun(int type, params (int Type, byte[] Value)[] attributes)
    {
        var message = new List<byte>(new byte[20]);
        foreach (var (attribute, value) in attributes)
        {
            message.AddRange([(byte)(attribute >> 8), (byte)attribute, (byte)(value.Length >> 8), (byte)value.Length, .. value]);
            while (message.Count % 4 != 0) message.Add(0);
        }

        var bytes = message.ToArray();
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)type);
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2), (ushort)(bytes.Length - 20));
        BinaryPrimitives.WriteUInt32BigEndian(bytes.AsSpan(4), MagicCookie);
        RandomNumberGenerator.Fill(bytes.AsSpan(8, 12));
        return bytes;
    }

    // RFC 6347 section 4.2: a whole ClientHello of DTLS 1.2 with one cipher suite and use_srtp.
    private static byte[] ClientHello()
    {
        byte[] extensions = [0, 0x0e, 0, 5, 0, 2, 0, 7, 0, /* groups */ 0, 0x0a, 0, 4, 0, 2, 0, 23, /* signatures */ 0, 0x0d, 0, 4, 0, 2, 4, 3];
        byte[] body = [0xfe, 0xfd, .. RandomNumberGenerator.GetBytes(32), 0, 0, 0, 2, 0xc0, 0x2b, 1, 0, 0, (byte)extensions.Length, .. extensions];
        byte[] handshake = [1, 0, (byte)(body.Length >> 8), (byte)body.Length, 0, 0, 0, 0, 0, (byte)(body.Length >> 8), (byte)body.Length, .. body];
        return [22, 0xfe, 0xff, 0, 0, 0, 0, 0, 0, 0, 0, (byte)(handshake.Length >> 8), (byte)handshake.Length, .. handshake];
    }
}
