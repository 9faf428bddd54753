using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Core.Forwarding;

public class TrackReceiverTests
{
    [Fact]
    public void Duplicates_and_the_very_old_are_told_apart()
    {
        var source = new VideoSource(5, 65_530, 0);
        var track = VideoSource.Track(5);
        var first = source.Frame(true, 10);
        foreach (var packet in first) Assert.Equal(TrackInput.Stored, track.Feed(packet, 0));
        foreach (var packet in first) Assert.Equal(TrackInput.Duplicate, track.Feed(packet, 0));
        for (var i = 0; i < 500; i++) foreach (var packet in source.Frame(false)) track.Feed(packet, i);
        Assert.Equal(TrackInput.TooOld, track.Feed(first[0], 600));
    }

    [Fact]
    public void A_loss_is_asked_for_after_a_moment_then_every_round_trip_until_it_comes()
    {
        var source = new VideoSource(5, 65_534, 0);
        var track = VideoSource.Track(5);
        var packets = source.Frame(true, 6); // 65534, 65535, 0, 1, 2, 3
        foreach (var i in new[] { 0, 3, 5 }) track.Feed(packets[i], 1_000);
        Assert.Empty(track.Feedback(1_005).Lost);
        Assert.Equal([65535, 0, 2], track.Feedback(1_012).Lost);
        Assert.Empty(track.Feedback(1_050).Lost);
        track.Feed(packets[1], 1_060);
        Assert.Equal([0, 2], track.Feedback(1_130).Lost);
        track.Feed(packets[2], 1_140);
        track.Feed(packets[4], 1_140);
        for (var t = 1_150; t < 5_000; t += 20) Assert.Empty(track.Feedback(t).Lost);
    }

    [Fact]
    public void A_loss_that_never_comes_is_given_up()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        var packets = source.Frame(true, 3);
        track.Feed(packets[0], 0);
        track.Feed(packets[2], 0);
        var asked = Enumerable.Range(0, 500).Sum(i => track.Feedback(i * 20).Lost.Count);
        Assert.InRange(asked, 3, 15);
    }

    [Fact]
    public void Keyframe_requests_are_merged_and_repeated_until_one_comes()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        track.Feed(source.Frame(false)[0], 0);
        var sent = new List<long>();
        for (var t = 0L; t < 3_000; t += 20)
        {
            track.RequestKeyframe(); // many receivers, all the time
            if (track.Feedback(t).Plis > 0) sent.Add(t);
        }

        Assert.Equal(6, sent.Count);
        Assert.All(sent.Zip(sent.Skip(1), (a, b) => b - a), gap => Assert.InRange(gap, 500, 520));
        foreach (var packet in source.Frame(true)) track.Feed(packet, 3_000);
        for (var t = 3_000L; t < 6_000; t += 20) Assert.Equal(0, track.Feedback(t).Plis);
    }

    [Fact]
    public void A_retransmission_becomes_its_original()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5, rtx: 6);
        var demuxer = new TrackDemuxer();
        demuxer.Add(track);
        var slot = VideoSource.Slot(50);
        slot.SetSource(track, 0);
        var output = new List<Outgoing>();
        var packets = source.Frame(true, 3);
        track.Feed(packets[0], 0, output);
        track.Feed(packets[2], 0, output);
        var rtx = VideoSource.Retransmission(packets[1], 6, 900);
        Assert.True(RtpHeader.TryParse(rtx, out var header));
        Assert.Equal(TrackInput.Stored, demuxer.Receive(rtx, header, 50, out var found, out var position));
        Assert.Same(track, found);
        Flow.Forward(track, position, 50, output);
        Assert.Equal([0, 2, 1], output.Select(o => o.Part));
        Assert.Equal(output[0].Header.Sequence + 1, output[2].Header.Sequence);
        Assert.Empty(track.Feedback(200).Lost);
        rtx = VideoSource.Retransmission(packets[1], 6, 901);
        Assert.Equal(TrackInput.Duplicate, demuxer.Receive(rtx, header, 60, out _, out _));
        var probe = new byte[30];
        VideoSource.Retransmission(packets[1], 6, 902).AsSpan(0, 12).CopyTo(probe);
        (probe[0], probe[^1]) = (0xA0, 18);
        Assert.True(RtpHeader.TryParse(probe, out header));
        Assert.Equal(TrackInput.Probe, demuxer.Receive(probe, header, 60, out _, out _));
    }

    [Fact]
    public void Reports_count_what_was_lost_and_how_it_jittered()
    {
        var source = new VideoSource(5, 65_500, 0);
        var track = VideoSource.Track(5);
        track.OnSenderReport(new(5, 0x0001_2345_6789_0000, 0, 1, 1), 0, 0);
        for (var i = 0; i < 100; i++)
        {
            var packets = source.Frame(i == 0, 4);
            for (var k = 0; k < 4; k++) if (k != 1) track.Feed(packets[k], i * 1000 / 30);
        }

        Assert.True(track.TryTakeReport(2_000, out var block));
        Assert.Equal((5u, 64, 100, 131_072u), (block.Ssrc, block.FractionLost, block.TotalLost, block.DelaySinceLastReport));
        Assert.Equal(0x2345_6789u, block.LastReport);
        Assert.Equal((65_500u + 65_536 + 399), block.HighestSequence);
        Assert.InRange(block.Jitter, 0u, 200u);
        Assert.True(track.TryTakeReport(3_000, out block));
        Assert.Equal((0, 100), (block.FractionLost, block.TotalLost));
    }

    [Fact]
    public void Tracks_are_found_by_SSRC_by_mid_and_by_payload_type()
    {
        var demuxer = new TrackDemuxer();
        var signalled = VideoSource.Track(5);
        var byMid = VideoSource.Track(null, mid: "ab");
        var byType = VideoSource.Track(null, isVideo: false);
        foreach (var track in new[] { signalled, byMid, byType }) demuxer.Add(track);

        Assert.Equal((TrackInput.Stored, signalled), Receive(new VideoSource(5, 1, 1).Frame(true)[0]));
        Assert.Equal((TrackInput.NoTrack, null), Receive(new VideoSource(66, 1, 1, payloadType: 33).Frame(true)[0]));
        Assert.Equal((TrackInput.NoTrack, null), Receive(WithMid(new VideoSource(67, 1, 1).Frame(true)[0], "xx")));
        Assert.Equal((TrackInput.Stored, byMid), Receive(WithMid(new VideoSource(68, 1, 1).Frame(true)[0], "ab")));
        Assert.Equal((TrackInput.Stored, byType), Receive(new VideoSource(69, 1, 1, payloadType: 111).Frame(true)[0]));
        Assert.Equal((TrackInput.NoTrack, null), Receive(new VideoSource(70, 1, 1, payloadType: 111).Frame(true)[0])); // each track has one SSRC
        Assert.Equal((68u, 69u), (byMid.Ssrc, byType.Ssrc));
        demuxer.Remove(signalled);
        Assert.Equal((TrackInput.NoTrack, null), Receive(new VideoSource(5, 1, 1).Frame(true)[0]));

        (TrackInput, TrackReceiver?) Receive(byte[] packet)
        {
            Assert.True(RtpHeader.TryParse(packet, out var header));
            return (demuxer.Receive(packet, header, 0, out var track, out _), track);
        }
    }

    private static byte[] WithMid(byte[] packet, string mid)
    {
        byte[] block = [0xBE, 0xDE, 0, 1, (4 << 4) | 1, (byte)mid[0], (byte)mid[1], 0];
        return [(byte)(packet[0] | 0x10), .. packet[1..12], .. block, .. packet[12..]];
    }
}
