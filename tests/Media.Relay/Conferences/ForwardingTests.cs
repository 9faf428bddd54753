using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Conferences;

public sealed class ForwardingTests
{
    [Fact]
    public void Media_reaches_everybody_but_the_sender()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        relay.Run(400, now =>
        {
            if (now % 20 == 0) peers[0].SendVoice(level: 30);
            if (now % 40 == 0) peers[0].SendFrame(isKeyframe: now % 200 == 0);
        });

        Assert.Empty(peers[0].Received);
        // Slot 0 of the second and of the third peer is the first peer's.
        foreach (var receiver in peers[1..])
        {
            var video = receiver.On(Specs.SlotSsrc(0));
            Assert.InRange(video.Count, 15, 30);
            Assert.All(video, p => Assert.Equal(120, p.Header.PayloadType));
            Assert.InRange(receiver.On(Specs.SlotSsrc(0) + 500).Count, 17, 20);
            Assert.Equal(video.Select(p => p.Header.Sequence).Distinct().Count(), video.Count);
            Assert.Empty(receiver.On(Specs.SlotSsrc(1)));
            Assert.Equal(0, receiver.Rubbish);
        }

        Assert.Equal(0, relay.Services.Counters.Dropped(DropReason.ProtectFailed));
    }

    [Fact]
    public void Both_profiles_carry_media()
    {
        var relay = new VirtualRelay(profile: Parley.Media.Core.Srtp.SrtpProfile.AesCm128HmacSha1Tag80);
        var peers = relay.Fill(2);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(20);
        Assert.Equal(3, peers[1].On(Specs.SlotSsrc(0)).Count);
    }

    [Fact]
    public void A_receivers_nack_is_answered_here_by_a_retransmission_of_its_own_stream()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        for (var i = 0; i < 5; i++) peers[0].SendFrame(isKeyframe: i == 0);
        relay.Run(30);
        var lost = peers[1].On(Specs.SlotSsrc(0))[4];
        peers[1].SendNack(Specs.SlotSsrc(0), lost.Header.Sequence);
        relay.Run(30);

        var resent = Assert.Single(peers[1].On(Specs.SlotSsrc(0) + 1));
        Assert.Equal(121, resent.Header.PayloadType);
        Assert.Equal(lost.Header.Sequence, (ushort)((resent.Payload[0] << 8) | resent.Payload[1]));
        Assert.Equal(lost.Payload, resent.Payload[2..]);
        Assert.DoesNotContain(Feedback(peers[0]), f => f.Kind == RtcpKind.Nack);
    }

    [Fact]
    public void Without_rtx_a_resend_is_the_same_bytes()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2, hasRtx: false);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(30);
        var lost = peers[1].On(Specs.SlotSsrc(0))[1];
        var first = relay.Sent.Where(s => s.To == peers[1].Address).Select(s => Convert.ToHexString(s.Bytes)).ToList();
        relay.Sent.Clear();
        peers[1].SendNack(Specs.SlotSsrc(0), lost.Header.Sequence);
        relay.Run(15);

        var resent = relay.Sent.Where(s => s.To == peers[1].Address && s.Bytes.Length > 12 && (s.Bytes[2] << 8 | s.Bytes[3]) == lost.Header.Sequence && s.Bytes[0] >> 6 == 2 && s.Bytes[1] is < 192 or > 223).ToList();
        Assert.Contains(Convert.ToHexString(Assert.Single(resent).Bytes), first);
    }

    [Fact]
    public void What_the_sender_lost_is_asked_of_it_once_and_reaches_the_receivers()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        var packets = peers[0].Video.Frame(isKeyframe: true, packets: 6);
        for (var i = 0; i < packets.Count; i++)
        {
            if (i != 3) peers[0].SendRtp(packets[i]);
        }

        relay.Run(60);
        var asked = Feedback(peers[0]).Single(f => f.Kind == RtcpKind.Nack);
        Assert.Equal([(ushort)((packets[3][2] << 8) | packets[3][3])], asked.Lost);
        peers[0].SendRtp(Parley.tests.Media.Core.Forwarding.VideoSource.Retransmission(packets[3], peers[0].VideoRtxSsrc, 900));
        relay.Run(60);
        Assert.All(peers[1..], p => Assert.Equal(6, p.On(Specs.SlotSsrc(0)).Select(r => r.Part).Distinct().Count()));
    }

    [Fact]
    public void Keyframe_requests_are_merged_and_passed_on()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(600);
        var before = Feedback(peers[0]).Count(f => f.Kind == RtcpKind.PictureLoss);
        foreach (var receiver in peers[1..]) receiver.SendRtcp((ref RtcpWriter rtcp) => rtcp.AddPictureLoss(1, Specs.SlotSsrc(0)));
        relay.Run(100);
        Assert.Equal(before + 1, Feedback(peers[0]).Count(f => f.Kind == RtcpKind.PictureLoss));
        relay.Run(600); // none came, so it is asked again
        Assert.Equal(before + 2, Feedback(peers[0]).Count(f => f.Kind == RtcpKind.PictureLoss));
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(1_200);
        Assert.Equal(before + 2, Feedback(peers[0]).Count(f => f.Kind == RtcpKind.PictureLoss));
    }

    [Fact]
    public void A_slot_that_changes_its_source_goes_on_evenly_from_a_keyframe()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(3);
        void Film(long now)
        {
            if (now % 40 != 0) return;
            peers[0].SendFrame(isKeyframe: now % 2_000 == 0);
            peers[1].SendFrame(isKeyframe: now % 2_000 == 1_000);
        }

        relay.Run(3_000, Film);
        // The third peer's first slot now shows the second.
        var leg = Specs.Leg(peers[2], peers[..2]);
        relay.Modify(leg with { Forwarders = [.. leg.Forwarders.Select(f => f.Id == "v0" ? f with { SourceTrackId = "p2-video" } : f)] });
        relay.Run(3_000, Film);

        var video = peers[2].On(Specs.SlotSsrc(0));
        for (var i = 1; i < video.Count; i++)
        {
            Assert.Equal((ushort)(video[i - 1].Header.Sequence + 1), video[i].Header.Sequence);
            Assert.InRange((int)(video[i].Header.Timestamp - video[i - 1].Header.Timestamp), 0, 9_000);
            Assert.InRange(video[i].Picture - video[i - 1].Picture, 0, 1);
        }

        // From the first keyframe, after 1.7 s, to the end: 25 frames of 3 packets a second.
        Assert.InRange(video.Count, 310, 350);
    }

    [Fact]
    public void A_joiner_starts_from_a_keyframe_that_just_passed()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        var late = relay.AddPeer("late", 9);
        var state = relay.Modify(Specs.Leg(late, peers));
        late.Connect(Rooms.StateOf(state, late), VirtualRelay.Address, relay.NowMs);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(300);
        Assert.Equal([0, 1, 2], late.On(Specs.SlotSsrc(0)).Select(p => p.Part));
    }

    [Fact]
    public void Reports_tell_receivers_of_each_stream_and_the_sender_of_its_losses()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        relay.Run(2_500, now =>
        {
            if (now % 20 == 0) peers[0].SendVoice(level: 30);
            if (now % 1_000 == 0) peers[0].SendRtcp((ref RtcpWriter rtcp) => rtcp.AddSenderReport(new(peers[0].Audio.Ssrc, (ulong)now << 22, 48 * (uint)now, 1, 1)));
        });

        var reports = peers[1].ReceivedRtcp.SelectMany(SenderReports).Where(r => r.Ssrc == Specs.SlotSsrc(0) + 500).ToList();
        Assert.InRange(reports.Count, 1, 3);
        Assert.True(reports[^1].Packets > 50);
        var blocks = peers[0].ReceivedRtcp.SelectMany(Blocks).Where(b => b.Ssrc == peers[0].Audio.Ssrc).ToList();
        Assert.InRange(blocks.Count, 2, 3);
        Assert.All(blocks, b => Assert.Equal(0, b.TotalLost));
    }

    [Fact]
    public void A_sender_with_transport_wide_numbers_is_told_when_its_packets_came()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        for (ushort i = 0; i < 5; i++)
        {
            // Extension 3 of two bytes: the transport-wide sequence number.
            var packet = peers[0].Audio.Foreign(111).AsSpan(0, 12).ToArray();
            packet[0] |= 0x10;
            peers[0].SendRtp([.. packet, 0xBE, 0xDE, 0, 1, 0x31, 0, (byte)i, 0, .. new byte[40]]);
        }

        relay.Run(80);
        Assert.Contains(Feedback(peers[0]), f => f.Kind == RtcpKind.TransportFeedback);
        Assert.DoesNotContain(Feedback(peers[0]), f => f.Kind == RtcpKind.MaxBitrate);
    }

    [Fact]
    public void A_freed_slot_says_goodbye()
    {
        var relay = new VirtualRelay();
        var peers = relay.Fill(2);
        peers[0].SendFrame(isKeyframe: true);
        relay.Run(30);
        relay.Modify(Specs.Leg(peers[0], [peers[1]]) with { Tracks = [] });
        // The other's slots still name the tracks that are gone, and are left without a source.
        relay.Run(30);
        Assert.Contains(Feedback(peers[1]), f => f.Kind == RtcpKind.Bye);
    }

    private sealed record Said(RtcpKind Kind, ushort[] Lost);

    private static List<Said> Feedback(LabPeer peer)
    {
        var all = new List<Said>();
        Span<ushort> some = stackalloc ushort[17];
        foreach (var compound in peer.ReceivedRtcp)
        {
            foreach (var packet in RtcpReader.Read(compound))
            {
                var lost = new List<ushort>();
                for (var i = 0; packet.Kind == RtcpKind.Nack && i < packet.NackCount; i++) lost.AddRange(some[..packet.ReadNack(i, some)]);
                all.Add(new(packet.Kind, [.. lost]));
            }
        }

        return all;
    }

    private static List<SenderReport> SenderReports(byte[] compound)
    {
        var all = new List<SenderReport>();
        foreach (var packet in RtcpReader.Read(compound))
        {
            if (packet.Kind == RtcpKind.SenderReport) all.Add(packet.SenderReport);
        }

        return all;
    }

    private static List<ReportBlock> Blocks(byte[] compound)
    {
        var all = new List<ReportBlock>();
        foreach (var packet in RtcpReader.Read(compound))
        {
            for (var i = 0; packet.Kind is RtcpKind.ReceiverReport or RtcpKind.SenderReport && i < packet.ReportBlockCount; i++) all.Add(packet.ReportBlock(i));
        }

        return all;
    }
}
