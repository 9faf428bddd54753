using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtcp;

namespace Parley.tests.Media.Core.Forwarding;

public class TrackForwarderTests
{
    private readonly List<Outgoing> _output = [];
    private readonly byte[] _room = new byte[TrackForwarder.MaxPacket + 16];

    [Fact]
    public void A_packet_leaves_with_the_receivers_own_header()
    {
        var track = VideoSource.Track(5, isVideo: false);
        var slot = VideoSource.Slot(77, isVideo: false);
        slot.SetSource(track, 0);
        byte[] packet = [0x90, 0xEF, 0, 9, 0, 0, 0, 50, 0, 0, 0, 5, 0xBE, 0xDE, 0, 2, 0x10, 0x85, 0x22, 1, 2, 3, 0, 0, 1, 2, 3, 4];
        track.Feed(packet, 0, _output);
        var sent = Assert.Single(_output);
        Assert.Equal((9, true, 77u), (sent.Header.PayloadType, sent.Header.Marker, sent.Header.Ssrc));
        Assert.InRange(sent.Header.Sequence, 0, 0x7FFF);
        Assert.Equal("71763080850000", Convert.ToHexString(sent.Bytes, 16, 7)); // mid "v0" as 7, level as 8, the send time dropped
        Assert.Equal([1, 2, 3, 4], sent.Payload);
        Assert.Equal(0, sent.Header.Length % 4);
    }

    [Fact]
    public void A_joiner_starts_from_a_fresh_keyframe_in_the_ring()
    {
        var source = new VideoSource(5, 65_533, 0);
        var track = VideoSource.Track(5);
        Play(track, source.Frame(true), 0);
        Play(track, source.Frame(false), 33);
        var slot = VideoSource.Slot(77);
        slot.SetSource(track, 400);
        slot.Drain(400, _output);
        Assert.Equal(6, _output.Count);
        AssertEven();
        Assert.Equal(0, track.Feedback(400).Plis);
    }

    [Fact]
    public void A_joiner_waits_for_a_keyframe_and_asks_for_it_if_the_last_is_old()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        Play(track, source.Frame(true), 0);
        var slot = VideoSource.Slot(77);
        slot.SetSource(track, 600);
        Assert.Equal(1, track.Feedback(600).Plis);
        Play(track, source.Frame(false), 633);
        Assert.Empty(_output);
        Play(track, source.Frame(true), 666);
        Play(track, source.Frame(false), 700);
        Assert.Equal(6, _output.Count);
        AssertEven();
    }

    [Fact]
    public void A_keyframe_whose_parts_overtook_each_other_is_sent_whole()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        var slot = VideoSource.Slot(77);
        slot.SetSource(track, 0);
        var frame = source.Frame(true, 4);
        foreach (var i in new[] { 2, 1, 0, 3 }) track.Feed(frame[i], 0, _output);
        Assert.Equal([0, 1, 2, 3], _output.Select(o => o.Part));
        AssertEven();
    }

    [Fact]
    public void A_switch_happens_at_a_keyframe_and_goes_on_evenly()
    {
        var (a, b) = (new VideoSource(5, 65_000, 4_000_000_000, 0x7FF0), new VideoSource(6, 100, 5, 3));
        var (trackA, trackB) = (VideoSource.Track(5), VideoSource.Track(6));
        var slot = VideoSource.Slot(77);
        slot.SetSource(trackA, 0);
        var now = 0L;
        for (var i = 0; i < 200; i++, now += 33)
        {
            Play(trackA, a.Frame(i == 0), now);
            Play(trackB, b.Frame(false), now);
        }

        Assert.Equal(600, _output.Count);
        slot.SetSource(trackB, now);
        Assert.Equal(1, trackB.Feedback(now).Plis);
        Play(trackA, a.Frame(false), now);
        Assert.Equal(603, _output.Count); // the old source goes on meanwhile
        now += 33;
        Play(trackB, b.Frame(true), now);
        Play(trackA, a.Frame(false), now);
        Assert.Equal(606, _output.Count);
        slot.SetSource(trackA, now += 33);
        Play(trackA, a.Frame(true), now);
        Assert.Equal(609, _output.Count);
        AssertEven();
        // Timestamps go on by about what passed.
        var steps = _output.Where(o => o.Part == 0).Select(o => o.Header.Timestamp).ToList();
        Assert.All(steps.Zip(steps.Skip(1), (x, y) => y - x), step => Assert.InRange(step, 2_900u, 3_100u));
        Assert.Empty(trackB.Forwarders);
        Assert.Single(trackA.Forwarders);
    }

    [Fact]
    public void What_the_receiver_cannot_decode_is_never_forwarded_and_leaves_no_hole()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5, payloads: [VideoSource.Vp8, new(98, "VP9", 90_000, [], []), new(99, "red", 90_000, [], [])]);
        var slot = VideoSource.Slot(77);
        slot.SetSource(track, 0);
        Play(track, source.Frame(true), 0);
        foreach (var type in new byte[] { 98, 99, 35 }) track.Feed(source.Foreign(type), 0, _output);
        track.Feed(source.Padding(), 0, _output);
        Play(track, source.Frame(false), 33);
        Assert.Equal(6, _output.Count);
        Assert.All(_output, o => Assert.Equal(120, o.Header.PayloadType));
        AssertEven();
    }

    [Fact]
    public void H264_is_forwarded_only_to_a_leg_with_the_same_profile()
    {
        LegPayload H264(int number, string profile, string mode = "1") =>
            new(number, "H264", 90_000, [new("profile-level-id", profile), new("packetization-mode", mode)], []);
        var source = new PayloadTypeMap([H264(102, "42e01f")]);
        Assert.Equal(50, new PayloadTypeMap([H264(50, "42C00A")]).NumberOf(source.CodecOf(102)!));
        Assert.Equal(PayloadTypeMap.None, new PayloadTypeMap([H264(50, "640c1f")]).NumberOf(source.CodecOf(102)!));
        Assert.Equal(PayloadTypeMap.None, new PayloadTypeMap([H264(50, "42e01f", "0")]).NumberOf(source.CodecOf(102)!));
    }

    [Fact]
    public void A_nack_is_answered_by_RTX_with_an_SSRC_and_numbers_of_its_own()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        var slot = VideoSource.Slot(77, rtx: 78);
        slot.SetSource(track, 0);
        Play(track, source.Frame(true), 0);
        var lost = _output[1];
        Assert.Equal(Resend.Protect, slot.WriteResend(lost.Header.Sequence, _room, 100, out var length));
        var first = Outgoing.Of(_room.AsSpan(0, length));
        Assert.Equal((78u, 121, lost.Header.Timestamp), (first.Header.Ssrc, first.Header.PayloadType, first.Header.Timestamp));
        Assert.Equal([(byte)(lost.Header.Sequence >> 8), (byte)lost.Header.Sequence, .. lost.Payload], first.Payload);
        Assert.Equal(Resend.None, slot.WriteResend(lost.Header.Sequence, _room, 110, out _)); // just sent
        Assert.Equal(Resend.Protect, slot.WriteResend(lost.Header.Sequence, _room, 130, out length));
        Assert.Equal(first.Header.Sequence + 1, Outgoing.Of(_room.AsSpan(0, length)).Header.Sequence);
        Assert.Equal(Resend.None, slot.WriteResend((ushort)(_output[^1].Header.Sequence + 1), _room, 100, out _));
    }

    [Fact]
    public void Without_RTX_a_resend_is_byte_identical()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        var slot = VideoSource.Slot(77);
        slot.SetSource(track, 0);
        Play(track, source.Frame(true), 0);
        Assert.Equal(Resend.AsIs, slot.WriteResend(_output[1].Header.Sequence, _room, 100, out var length));
        Assert.Equal(_output[1].Bytes, _room[..length]);
        slot.ForgetProtected();
        Assert.Equal(Resend.None, slot.WriteResend(_output[1].Header.Sequence, _room, 200, out _));
    }

    [Fact]
    public void What_was_lost_upstream_is_sent_first_when_it_comes_and_not_twice()
    {
        var source = new VideoSource(5, 10, 0);
        var track = VideoSource.Track(5);
        var slot = VideoSource.Slot(77, rtx: 78);
        slot.SetSource(track, 0);
        var frame = source.Frame(true, 4);
        foreach (var i in new[] { 0, 1, 3 }) track.Feed(frame[i], 0, _output);
        var hole = (ushort)(_output[0].Header.Sequence + 2);
        Assert.Equal(_output[0].Header.Sequence + 3, _output[2].Header.Sequence);
        Assert.Equal(Resend.None, slot.WriteResend(hole, _room, 50, out _)); // we have not got it either
        track.Feed(frame[2], 80, _output);
        Assert.Equal((hole, 77u, 2), (_output[3].Header.Sequence, _output[3].Header.Ssrc, _output[3].Part));
    }

    [Fact]
    public void Sender_reports_keep_a_participants_tracks_in_step()
    {
        var clock = new SourceClock();
        var video = VideoSource.Track(5, clock: clock);
        var audio = VideoSource.Track(6, isVideo: false, clock: clock);
        var (videoSlot, audioSlot) = (VideoSource.Slot(77), VideoSource.Slot(78, isVideo: false));
        var (videoSource, audioSource) = (new VideoSource(5, 1, 1_000), new VideoSource(6, 1, 70_000, payloadType: 111));
        videoSlot.SetSource(video, 0);
        audioSlot.SetSource(audio, 0);
        List<Outgoing> sounds = [];
        Play(video, videoSource.Frame(true), 0);
        audio.Feed(audioSource.Frame(true, 1)[0], 0, sounds);
        ulong theirs = 0x1111_0000_0000_0000, ours = 0x2222_0000_0000_0000;
        const ulong Second = 1ul << 32;
        // Both reports speak of the same second of theirs; the second one arrives 200 ms late.
        video.OnSenderReport(new(5, theirs, 4_000, 1, 1), ours, 0);
        audio.OnSenderReport(new(6, theirs + Second, 73_000 + 48_000, 1, 1), ours + Second + Second / 5, 1_200);

        var (v, a) = (Report(videoSlot), Report(audioSlot));
        // A frame and a sound that were taken at `theirs` have these timestamps now:
        var frameAt = 4_000 + (_output[0].Header.Timestamp - 4_000);
        var soundAt = sounds[0].Header.Timestamp;
        var videoSeconds = (double)(int)(v.RtpTimestamp - frameAt) / 90_000;
        var audioSeconds = (double)(int)(a.RtpTimestamp - soundAt) / 48_000;
        Assert.Equal(videoSeconds, audioSeconds, 0.002);

        SenderReport Report(TrackForwarder slot)
        {
            var writer = new RtcpWriter(new byte[200]);
            Assert.True(slot.WriteSenderReport(ref writer, ours + 3 * Second));
            var reader = RtcpReader.Read(writer.Written);
            Assert.True(reader.MoveNext());
            return reader.Current.SenderReport;
        }
    }

    [Fact]
    public void A_track_that_ends_leaves_its_slots_free_for_another()
    {
        var (a, b) = (new VideoSource(5, 10, 0), new VideoSource(6, 40_000, 9));
        var (trackA, trackB) = (VideoSource.Track(5), VideoSource.Track(6));
        var slot = VideoSource.Slot(77);
        slot.SetSource(trackA, 0);
        Play(trackA, a.Frame(true), 0);
        trackA.End(0);
        Assert.Null(slot.Source);
        Play(trackA, a.Frame(true), 10);
        slot.SetSource(trackB, 1_000);
        Play(trackB, b.Frame(true), 1_033);
        slot.SetSource(null, 2_000);
        Play(trackB, b.Frame(true), 2_033);
        Assert.Equal(6, _output.Count);
        AssertEven();
        var writer = new RtcpWriter(new byte[100]);
        slot.WriteBye(ref writer);
        var reader = RtcpReader.Read(writer.Written);
        Assert.True(reader.MoveNext() && reader.Current.Kind == RtcpKind.Bye && reader.Current.ByeSsrc(0) == 77);
    }

    private void Play(TrackReceiver track, List<byte[]> frame, long nowMs)
    {
        foreach (var packet in frame) track.Feed(packet, nowMs, _output);
    }

    /// <summary>Sequence numbers, picture ids and TL0PICIDX go on without hole or repetition.</summary>
    private void AssertEven()
    {
        foreach (var (before, after) in _output.Zip(_output.Skip(1)))
        {
            Assert.Equal((ushort)(before.Header.Sequence + 1), after.Header.Sequence);
            var isNext = after.Part == 0 ? 1 : 0;
            Assert.Equal((before.Picture + isNext) & 0x7FFF, after.Picture);
            Assert.Equal((before.Tl0 + isNext) & 0xFF, after.Tl0);
            if (isNext == 0) Assert.Equal(before.Header.Timestamp, after.Header.Timestamp);
        }
    }
}
