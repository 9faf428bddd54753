using FsCheck;
using FsCheck.Fluent;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.tests.Media.Core.Forwarding;

namespace Parley.tests.Media.Core.Video;

public class VideoFrameReaderTests
{
    [Theory]
    [InlineData(PayloadFormat.Vp8)]
    [InlineData(PayloadFormat.Vp9)]
    public void Frames_of_every_length_come_out_as_they_went_in(PayloadFormat format)
    {
        var (stream, track, list) = (new FrameStream(format, 7), FrameStream.Track(format, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        var sent = new List<byte[]>();
        foreach (var length in (int[])[1, 2, 1_095, 1_096, 1_097, 2_192, 2_193, 10_000, 100_000])
        {
            sent.Add(FrameStream.Make(sent.Count, length, isKeyframe: sent.Count == 0));
            Give(reader, track, stream.Cut(sent[^1], sent.Count == 1, (uint)(sent.Count * 3000)), sent.Count * 33);
        }

        Assert.Equal(sent, list.Frames.Select(f => f.Data));
        Assert.Equal(Enumerable.Range(0, sent.Count).Select(i => i == 0), list.Frames.Select(f => f.Head.IsKeyframe));
        Assert.Equal(Enumerable.Range(1, sent.Count).Select(i => (uint)(i * 3000)), list.Frames.Select(f => f.Head.Timestamp));
    }

    [Fact]
    public void Packets_have_room_for_what_wraps_them()
    {
        var stream = new FrameStream(PayloadFormat.Vp8, 7);
        var packets = stream.Cut(new byte[50_000], true, 0);
        Assert.All(packets, p => Assert.InRange(p.Length, 1_000, 12 + VideoPackets.MaxPayload));
    }

    [Fact]
    public void Nothing_comes_before_a_keyframe_which_is_asked_for()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 500, false), false, 0), 0);
        Assert.Empty(list.Frames);
        Assert.Equal(1, track.Feedback(10).Plis);
        Give(reader, track, stream.Cut(FrameStream.Make(2, 500, true), true, 3000), 30);
        Assert.Single(list.Frames);
    }

    [Fact]
    public void What_was_lost_and_comes_again_is_waited_for()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        var damaged = stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000);
        Give(reader, track, [damaged[0], damaged[2]], 33);
        Give(reader, track, stream.Cut(FrameStream.Make(3, 3_000, false), false, 6000), 66);
        Assert.Single(list.Frames);
        reader.Tick(90);
        Give(reader, track, [damaged[1]], 100);
        Assert.Equal([2, 4, 6], list.Frames.Select(f => f.Data[1]));
        Assert.Equal(0, reader.Losses);
    }

    [Fact]
    public void What_stays_lost_is_given_up_with_all_that_refers_to_it_until_the_next_keyframe()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        Assert.Equal(0, track.Feedback(20).Plis);
        Give(reader, track, [.. stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000).Skip(1)], 33);
        for (var now = 40; now < 500; now += 20) reader.Tick(now);
        Assert.Equal(1, reader.Losses);
        Assert.Equal(1, track.Feedback(600).Plis);
        Give(reader, track, stream.Cut(FrameStream.Make(3, 3_000, false), false, 6000), 610);
        Assert.Single(list.Frames);
        Give(reader, track, stream.Cut(FrameStream.Make(4, 3_000, true), true, 9000), 640);
        Give(reader, track, stream.Cut(FrameStream.Make(5, 3_000, false), false, 12000), 670);
        Assert.Equal([2, 8, 10], list.Frames.Select(f => f.Data[1]));
    }

    [Fact]
    public void A_keyframe_ends_the_wait_for_what_was_before_it()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        Give(reader, track, [.. stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000).Skip(1)], 33);
        Give(reader, track, stream.Cut(FrameStream.Make(3, 3_000, true), true, 6000), 40);
        Assert.Equal([2, 6], list.Frames.Select(f => f.Data[1]));
    }

    [Fact]
    public void What_is_missing_right_before_a_keyframe_holds_nothing_up()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        Give(reader, track, [.. stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000).Take(2)], 33);
        Give(reader, track, stream.Cut(FrameStream.Make(3, 3_000, true), true, 6000), 34);
        Assert.Equal([2, 6], list.Frames.Select(f => f.Data[1]));
    }

    [Fact]
    public void What_is_asked_for_again_is_waited_for_as_long_as_its_way_takes()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        track.RoundTripMs = 120;
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        var damaged = stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000);
        Give(reader, track, [damaged[0], damaged[2]], 33);
        reader.Tick(33 + 270);
        Assert.Equal(0, reader.Losses);
        Give(reader, track, [damaged[1]], 33 + 271);
        Assert.Equal([2, 4], list.Frames.Select(f => f.Data[1]));
        // And no longer.
        damaged = stream.Cut(FrameStream.Make(3, 3_000, false), false, 6000);
        Give(reader, track, [damaged[0], damaged[2]], 400);
        reader.Tick(400 + 290);
        Assert.Equal(1, reader.Losses);
    }

    [Fact]
    public void A_frame_that_is_not_taken_costs_a_keyframe_like_one_that_was_lost()
    {
        var (stream, track, list) = (new FrameStream(PayloadFormat.Vp8, 7), FrameStream.Track(PayloadFormat.Vp8, 7), new FrameList());
        var reader = new VideoFrameReader(track, list, 0);
        Give(reader, track, stream.Cut(FrameStream.Make(1, 3_000, true), true, 0), 0);
        Assert.Equal(0, track.Feedback(20).Plis);
        list.IsFull = true;
        Give(reader, track, stream.Cut(FrameStream.Make(2, 3_000, false), false, 3000), 33);
        list.IsFull = false;
        Assert.Equal(1, reader.Losses);
        Give(reader, track, stream.Cut(FrameStream.Make(3, 3_000, false), false, 6000), 66);
        Assert.Single(list.Frames);
        Assert.Equal(1, track.Feedback(600).Plis);
        Give(reader, track, stream.Cut(FrameStream.Make(4, 3_000, true), true, 9000), 610);
        Assert.Equal([2, 8], list.Frames.Select(f => f.Data[1]));
    }

    [Fact]
    public void Whatever_is_lost_or_late_what_comes_out_can_always_be_decoded()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var format = random.Next(2) == 0 ? PayloadFormat.Vp8 : PayloadFormat.Vp9;
            var (stream, track, list) = (new FrameStream(format, 7, (ushort)random.Next(65_536)), FrameStream.Track(format, 7), new FrameList());
            var reader = new VideoFrameReader(track, list, 0);
            var (late, keyframes, whole) = (new List<(long At, byte[] Packet)>(), new HashSet<int>(), new HashSet<int>());
            for (var number = 0; number < 120; number++)
            {
                var now = number * 33L;
                var isKeyframe = number % 40 == 0 || random.Next(25) == 0;
                if (isKeyframe) keyframes.Add(number);
                var isWhole = isKeyframe;
                foreach (var packet in stream.Cut(Numbered(number, random.Next(5, 4_000), isKeyframe), isKeyframe, (uint)number * 3000))
                {
                    var fate = random.Next(30);
                    isWhole &= fate >= 4;
                    if (fate == 0) continue;
                    if (fate < 4) late.Add((now + random.Next(1, 400), packet));
                    else Give(reader, track, [packet], now);
                }

                if (isWhole) whole.Add(number);
                foreach (var one in late.Where(l => l.At <= now).ToList())
                {
                    late.Remove(one);
                    Give(reader, track, [one.Packet], now);
                }

                reader.Tick(now);
            }

            var before = -1;
            foreach (var (head, data) in list.Frames)
            {
                var number = BitConverter.ToInt32(data, 1);
                Assert.Equal(keyframes.Contains(number), head.IsKeyframe);
                // Each refers to the one before it, but a keyframe.
                Assert.True(head.IsKeyframe ? number > before : number == before + 1, $"{number} after {before}");
                Assert.All(data.AsSpan(5).ToArray(), b => Assert.Equal((byte)number, b));
                before = number;
            }

            // A keyframe that came whole and in order always comes out, whatever is missing before it.
            Assert.Subset(list.Frames.Where(f => f.Head.IsKeyframe).Select(f => BitConverter.ToInt32(f.Data, 1)).ToHashSet(), whole);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void No_payload_does_harm()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), payload =>
        {
            if (Vp9Descriptor.TryParse(payload, out var vp9)) Assert.InRange(vp9.Length, 1, payload.Length - 1);
            var (track, list) = (FrameStream.Track(PayloadFormat.Vp9, 7), new FrameList());
            var reader = new VideoFrameReader(track, list, 0);
            byte[] packet = [0x80, 0x80 | 96, 0, 1, 0, 0, 0, 0, 0, 0, 0, 7, .. payload];
            Give(reader, track, [packet], 0);
            Assert.InRange(list.Frames.Count, 0, 1);
        }).QuickCheckThrowOnFailure();
    }

    private static byte[] Numbered(int number, int length, bool isKeyframe)
    {
        var frame = new byte[Math.Max(5, length)];
        frame.AsSpan().Fill((byte)number);
        frame[0] = (byte)(isKeyframe ? 0 : 1);
        BitConverter.TryWriteBytes(frame.AsSpan(1), number);
        return frame;
    }

    private static void Give(VideoFrameReader reader, TrackReceiver track, List<byte[]> packets, long nowMs)
    {
        foreach (var packet in packets)
        {
            Assert.True(RtpHeader.TryParse(packet, out var header));
            if (track.Receive(packet, header, nowMs, out var position) == TrackInput.Stored) reader.OnStored(position, nowMs);
        }
    }
}
