using Parley.Media.Core;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class HostileTests
{
    private static readonly AddressKey Stranger = AddressKey.OfIPv4(0xC0000201, 4_444);

    [Fact]
    public void Strangers_get_no_answer_to_anything()
    {
        var relay = new VirtualRelay();
        var captured = new List<byte[]>();
        relay.Passes = (_, to, bytes) =>
        {
            if (to == VirtualRelay.Address) captured.Add(bytes.ToArray());
            return true;
        };
        var peers = relay.Fill(2);
        relay.Run(1_000, now =>
        {
            if (now % 20 != 0) return;
            peers[0].SendVoice(30);
            peers[0].SendFrame(isKeyframe: now % 200 == 0);
            peers[0].SendNack(1, 5);
        });
        relay.Passes = (_, _, _) => true;
        var random = new Random(11);
        relay.Sent.Clear();
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = Mutate(captured[random.Next(captured.Count)], random);
            relay.Router.Receive(bytes, VirtualRelay.Address, Stranger, relay.NowMs, relay.NowMs * 1000);
        }

        Assert.DoesNotContain(relay.Sent, s => s.To == Stranger);
    }

    [Fact]
    public void Rubbish_on_a_peers_own_path_does_no_harm()
    {
        var relay = new VirtualRelay();
        var captured = new List<byte[]>();
        relay.Passes = (_, to, bytes) =>
        {
            if (to == VirtualRelay.Address) captured.Add(bytes.ToArray());
            return true;
        };
        var peers = relay.Fill(2);
        relay.Run(500, now =>
        {
            if (now % 20 != 0) return;
            peers[0].SendFrame(isKeyframe: now % 200 == 0);
            peers[0].SendNack(1, 5);
        });
        relay.Passes = (_, _, _) => true;
        var random = new Random(12);
        for (var i = 0; i < 20_000; i++)
        {
            relay.Router.Receive(Mutate(captured[random.Next(captured.Count)], random), VirtualRelay.Address, peers[0].Address, relay.NowMs, relay.NowMs * 1000);
        }

        Assert.True(relay.Services.Counters.Dropped(DropReason.SrtpForged) > 100);
        peers[1].Received.Clear();
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(30);
        Assert.Equal(3, peers[1].On(Specs.SlotSsrc(0)).Count);
    }

    [Fact]
    public void An_authenticated_peer_may_send_any_rtp_and_rtcp()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var random = new Random(13);
        for (var i = 0; i < 5_000; i++)
        {
            var clear = new byte[12 + random.Next(200)];
            random.NextBytes(clear);
            (clear[0], clear[1]) = ((byte)(0x80 | (random.Next(3) == 0 ? clear[0] & 0x3F : 0)), random.Next(2) == 0 ? (byte)96 : (byte)(clear[1] & 0x7F));
            // SSRCs of its tracks, now and then another.
            var ssrc = random.Next(20) == 0 ? (uint)random.Next(64) : peers[0].Video.Ssrc + (uint)random.Next(3);
            System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(clear.AsSpan(8), ssrc);
            if (Parley.Media.Core.Rtp.RtpHeader.TryParse(clear, out _)) peers[0].TrySendRtp(clear);
            peers[0].SendRtcp((ref Parley.Media.Core.Rtcp.RtcpWriter rtcp) =>
            {
                var words = new ushort[3];
                for (var j = 0; j < 3; j++) words[j] = (ushort)random.Next(65_536);
                Array.Sort(words);
                rtcp.AddNack(1, Specs.SlotSsrc(0) + (uint)random.Next(2) * 500, words);
                rtcp.AddSenderReport(new(peers[0].Video.Ssrc, (ulong)random.NextInt64(), (uint)random.Next(), 1, 1));
            });
            if (i % 50 == 0) relay.Run(2);
        }

        relay.Run(100);
        Assert.Equal(0, relay.Services.Counters.Dropped(DropReason.ProtectFailed));
        Assert.Empty(relay.Events.OfType<Parley.Media.Control.TransportEnded>());
    }

    [Fact]
    public void Only_this_machine_is_heard_where_only_it_is_served()
    {
        var relay = new VirtualRelay();
        relay.Router.AllowedSources = System.Collections.Frozen.FrozenSet.ToFrozenSet([Stranger.Address]);
        var peer = relay.AddPeer("p", 1);
        peer.Connect(Rooms.StateOf(relay.Modify(Specs.Leg(peer, [])), peer), VirtualRelay.Address, relay.NowMs);
        relay.Run(300);
        Assert.Empty(relay.Sent);
        Assert.True(relay.Services.Counters.Dropped(DropReason.ForeignSource) >= 3);
        // Every loopback address is this machine's, and so is what the set lists.
        relay.Move(peer, AddressKey.OfIPv4(0x7F000005, 5_001));
        relay.Run(300);
        Assert.True(peer.IsConnected);
    }

    /// <summary>Flips bits, cuts, prolongs, or replaces by random bytes; never the original.</summary>
    private static byte[] Mutate(byte[] original, Random random)
    {
        var bytes = original.ToArray();
        switch (random.Next(5))
        {
            case 0:
                bytes = bytes[..random.Next(bytes.Length)];
                break;
            case 1:
                bytes = [.. bytes, .. new byte[1 + random.Next(8)]];
                break;
            case 2:
                bytes = new byte[random.Next(300)];
                random.NextBytes(bytes);
                break;
            default:
                for (var i = random.Next(4); i >= 0; i--) bytes[random.Next(bytes.Length)] ^= (byte)(1 << random.Next(8));
                if (bytes.AsSpan().SequenceEqual(original)) bytes[^1] ^= 1;
                break;
        }

        return bytes;
    }
}
