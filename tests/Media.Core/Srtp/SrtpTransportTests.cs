using System.Buffers.Binary;
using Parley.Media.Core.Srtp;

namespace Parley.tests.Media.Core.Srtp;

public class SrtpTransportTests
{
    public static TheoryData<SrtpProfile> Profiles => [SrtpProfile.AeadAes128Gcm, SrtpProfile.AesCm128HmacSha1Tag80];

    private static (SrtpSender Sender, SrtpReceiver Receiver) Make(SrtpProfile profile)
    {
        var exported = new byte[profile.ExporterLength()];
        new Random(7).NextBytes(exported);
        var client = SrtpMasterKey.FromExporter(profile, exported, isDtlsServer: false);
        var server = SrtpMasterKey.FromExporter(profile, exported, isDtlsServer: true);
        return (new(client.Send, new ManagedSrtpCipher.Factory()), new(server.Receive, new ManagedSrtpCipher.Factory()));
    }

    private static byte[] Packet(ushort sequence, uint ssrc = 5, int payload = 40)
    {
        var packet = new byte[12 + payload];
        (packet[0], packet[1]) = (0x80, 96);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), ssrc);
        packet.AsSpan(12).Fill((byte)sequence);
        return packet;
    }

    private static byte[] Protect(SrtpSender sender, byte[] packet)
    {
        var room = new byte[packet.Length + 16];
        packet.CopyTo(room, 0);
        Assert.Equal(SrtpResult.Ok, sender.ProtectRtp(room, packet.Length, out var length));
        return room[..length];
    }

    [Theory, MemberData(nameof(Profiles))]
    public void Rollovers_are_followed_under_loss_and_reordering(SrtpProfile profile)
    {
        var (sender, receiver) = Make(profile);
        var random = new Random(1);
        var late = new List<(byte[] Clear, byte[] Wire)>();
        for (var i = 0; i < 200_000; i += 1 + random.Next(8))
        {
            var clear = Packet((ushort)(i + 30_000));
            var wire = Protect(sender, clear);
            if (random.Next(10) == 0) continue;
            if (random.Next(10) == 0) late.Add((clear, wire));
            else Deliver(clear, wire);
            if (late.Count <= 3) continue;
            foreach (var packet in late) Deliver(packet.Clear, packet.Wire);
            late.Clear();
        }

        void Deliver(byte[] clear, byte[] wire)
        {
            var copy = (byte[])wire.Clone();
            Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtp(copy, out _, out var length));
            Assert.Equal(clear, copy[..length]);
            Assert.Equal(SrtpResult.Replayed, receiver.UnprotectRtp(wire, out _, out _));
        }
    }

    [Theory, MemberData(nameof(Profiles))]
    public void No_index_is_protected_twice(SrtpProfile profile)
    {
        var (sender, _) = Make(profile);
        Protect(sender, Packet(10));
        Protect(sender, Packet(12));
        Protect(sender, Packet(11)); // late, once
        foreach (var sequence in new ushort[] { 10, 11, 12 })
            Assert.Equal(SrtpResult.Replayed, sender.ProtectRtp(new byte[68].With(Packet(sequence)), 52, out _));
        for (var i = 13; i < 3000; i++) Protect(sender, Packet((ushort)i));
        Assert.Equal(SrtpResult.Replayed, sender.ProtectRtp(new byte[68].With(Packet(9)), 52, out _)); // may have been used
    }

    [Theory, MemberData(nameof(Profiles))]
    public void A_flipped_bit_is_noticed_and_does_not_move_the_window(SrtpProfile profile)
    {
        var (sender, receiver) = Make(profile);
        var wire = Protect(sender, Packet(1));
        for (var bit = 0; bit < wire.Length * 8; bit++)
        {
            var forged = (byte[])wire.Clone();
            forged[bit / 8] ^= (byte)(1 << (bit % 8));
            Assert.NotEqual(SrtpResult.Ok, receiver.UnprotectRtp(forged, out _, out _));
        }

        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtp(wire, out _, out _));
    }

    [Theory, MemberData(nameof(Profiles))]
    public void RTCP_comes_through_once_and_unforged(SrtpProfile profile)
    {
        var (sender, receiver) = Make(profile);
        var clear = Convert.FromHexString("80c900010000002a81ca000200000007010100");
        for (var i = 0; i < 100; i++)
        {
            var room = new byte[clear.Length + 20].With(clear);
            Assert.Equal(SrtpResult.Ok, sender.ProtectRtcp(room, clear.Length, out var length));
            Assert.Equal(SrtpResult.Malformed, receiver.UnprotectRtcp(room.AsSpan(0, 10), out _));
            var forged = room[..length];
            forged[^(i % length + 1)] ^= 1;
            Assert.NotEqual(SrtpResult.Ok, receiver.UnprotectRtcp(forged, out _));
            var wire = room[..length];
            Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtcp(wire, out var clearLength));
            Assert.Equal(clear, wire[..clearLength]);
            Assert.Equal(SrtpResult.Replayed, receiver.UnprotectRtcp(room.AsSpan(0, length), out _));
        }
    }

    [Fact]
    public void SSRCs_are_bounded_and_forged_ones_take_no_room()
    {
        var (sender, receiver) = Make(SrtpProfile.AeadAes128Gcm);
        for (var i = 0u; i < 1000; i++) Assert.Equal(SrtpResult.Forged, receiver.UnprotectRtp(Packet(1, ssrc: 5000 + i), out _, out _));
        for (var i = 0u; i < SrtpReceiver.MaxSsrcs; i++) Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtp(Protect(sender, Packet(1, i)), out _, out _));
        Assert.Equal(SrtpResult.TooManySsrcs, receiver.UnprotectRtp(Protect(sender, Packet(1, 999)), out _, out _));
        Assert.Equal(SrtpResult.Ok, receiver.UnprotectRtp(Protect(sender, Packet(2, 0)), out _, out _));
    }

    [Fact]
    public void Protecting_and_unprotecting_allocates_nothing()
    {
        var (sender, receiver) = Make(SrtpProfile.AeadAes128Gcm);
        var room = new byte[1500].With(Packet(0, payload: 1000));
        ushort sequence = 0;
        void Once()
        {
            BinaryPrimitives.WriteUInt16BigEndian(room.AsSpan(2), sequence++);
            if (sender.ProtectRtp(room, 1012, out var length) != SrtpResult.Ok) throw new InvalidOperationException();
            if (receiver.UnprotectRtp(room.AsSpan(0, length), out _, out _) != SrtpResult.Ok) throw new InvalidOperationException();
        }

        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++) Once();
        }));
    }
}

internal static class Bytes
{
    /// <summary>The same array with its beginning overwritten.</summary>
    public static byte[] With(this byte[] room, byte[] start)
    {
        start.CopyTo(room, 0);
        return room;
    }
}
