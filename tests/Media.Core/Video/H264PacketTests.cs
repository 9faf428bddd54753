using FsCheck;
using FsCheck.Fluent;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Core.Video.H264;
using Parley.tests.Media.Core.Forwarding;

namespace Parley.tests.Media.Core.Video;

/// <summary>H.264 in packets (RFC 6184), both ways.</summary>
public class H264PacketTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Pictures_come_out_as_they_went_in(bool singleUnits)
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (stream, track, list) = (new FrameStream(PayloadFormat.H264, 7, (ushort)random.Next(65_536), singleUnits: singleUnits), FrameStream.Track(PayloadFormat.H264, 7), new FrameList());
            var reader = new VideoFrameReader(track, list, 0);
            var sent = new List<byte[]>();
            for (var number = 0; number < 20; number++)
            {
                var longest = singleUnits ? VideoPackets.MaxPayload : random.Next(4) == 0 ? 60_000 : 3_000;
                sent.Add(H264Pictures.Picture(number, number % 7 == 0, [.. Enumerable.Range(0, random.Next(1, 5)).Select(_ => random.Next(8, longest + 1))]));
                var packets = stream.Cut(sent[^1], number % 7 == 0, (uint)number * 3000);
                Assert.All(packets, p => Assert.InRange(p.Length, 14, 12 + VideoPackets.MaxPayload));
                Assert.Equal(packets.Select((_, i) => i == packets.Count - 1), packets.Select(p => (p[1] & 0x80) != 0));
                Give(reader, track, packets, number * 33);
            }

            Assert.Equal(sent, list.Frames.Select(f => f.Data));
            Assert.All(list.Frames, f => Assert.Equal((PayloadFormat.H264, H264Pictures.NumberOf(f.Data) % 7 == 0), (f.Head.Format, f.Head.IsKeyframe)));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Parameter_sets_go_together_and_long_units_in_fragments()
    {
        var (cutter, frame, to) = (new VideoPackets(PayloadFormat.H264), H264Pictures.Picture(5, true, 2_500), new byte[VideoPackets.MaxPayload]);
        Assert.Equal(4, cutter.Begin(frame));
        var length = cutter.Write(to, frame, true, 0, 4);
        Assert.Equal("78" + "0019" + Convert.ToHexString(H264Pictures.Sps) + "0005" + Convert.ToHexString(H264Pictures.Pps), Convert.ToHexString(to.AsSpan(0, length)));
        foreach (var (index, header) in (ReadOnlySpan<(int, byte)>)[(1, 0x85), (2, 0x05), (3, 0x45)])
        {
            Assert.InRange(cutter.Write(to, frame, true, index, 4), 830, 840);
            Assert.Equal((0x7C, header), (to[0], to[1]));
        }
    }

    [Theory]
    [InlineData(new byte[0])]
    [InlineData(new byte[] { 1, 2, 3, 4 })]
    [InlineData(new byte[] { 0, 0, 0, 1, 0, 0, 1 })]
    public void What_has_no_units_makes_no_packets(byte[] frame) => Assert.Equal(0, new VideoPackets(PayloadFormat.H264).Begin(frame));

    [Fact]
    public void A_unit_that_is_too_long_for_single_packets_is_not_sent() =>
        Assert.Equal(0, new VideoPackets(PayloadFormat.H264, singleUnits: true).Begin(H264Pictures.Picture(1, true, VideoPackets.MaxPayload + 1)));

    [Theory]
    [InlineData("")]
    [InlineData("E5888080")] // the bit that must be zero
    [InlineData("788000")] // an aggregate that ends in a length
    [InlineData("78000467420A")] // whose unit is longer than it
    [InlineData("7800006588")] // an empty unit in it
    [InlineData("7800021C856588")] // a fragment in it
    [InlineData("7C")] // half a head of a fragment
    [InlineData("7CC588")] // first and last
    [InlineData("7C0588")] // the middle of nothing
    [InlineData("7C9888")] // of an aggregate
    [InlineData("42888080")] // a partition
    [InlineData("654880")] // the second slice before the first
    [InlineData("79000065888080")] // STAP-B, MTAP16, FU-B: interleaved mode
    [InlineData("7A00006588")]
    [InlineData("7D85000088")]
    public void What_breaks_a_rule_breaks_the_picture(string hex) => Assert.False(new AccessUnit().Put(Convert.FromHexString(hex)));

    [Theory]
    [InlineData("7C850102", "6588")] // another unit between fragments
    [InlineData("7C850102", "7C850304")] // a second first one
    [InlineData("7C850102", "7C810304")] // another type
    public void Fragments_of_one_unit_follow_each_other(string first, string second)
    {
        var unit = new AccessUnit();
        Assert.True(unit.Put(Convert.FromHexString(first.Replace("850102", "858802"))));
        Assert.False(unit.TryComplete());
        Assert.False(unit.Put(Convert.FromHexString(second)));
    }

    [Fact]
    public void What_nobody_decodes_is_left_out()
    {
        var unit = new AccessUnit();
        foreach (var hex in (string[])["6742", "68CE", "0910", "0605FFFF80", "1E0102", "78" + "000209100004658880FF", "0CFFFF80", "74000102"]) Assert.True(unit.Put(Convert.FromHexString(hex)));
        Assert.True(unit.TryComplete());
        Assert.True(unit.IsKey);
        Assert.Equal("0000000167420000000168CE00000001658880FF", Convert.ToHexString(unit.Bytes));
    }

    [Fact]
    public void Parameter_sets_of_before_are_put_in_front_of_a_picture_that_has_none()
    {
        var unit = new AccessUnit();
        Assert.True(unit.Put(H264Pictures.Slice(3, 50, isIdr: true)));
        Assert.False(unit.TryComplete()); // nobody could decode it
        unit.Clear();
        foreach (var set in (byte[][])[H264Pictures.Sps, H264Pictures.Pps, H264Pictures.Pps]) Assert.True(unit.Put(set));
        Assert.False(unit.TryComplete()); // nothing to be seen
        unit.Clear();
        Assert.True(unit.Put(H264Pictures.Slice(3, 50, isIdr: true)));
        Assert.True(unit.TryComplete());
        Assert.Equal(H264Pictures.Stream(H264Pictures.Sps, H264Pictures.Pps, H264Pictures.Slice(3, 50, true)), unit.Bytes);
        unit.Clear();
        Assert.True(unit.Put(H264Pictures.Slice(4, 50, isIdr: false)));
        Assert.True(unit.TryComplete());
        Assert.Equal(H264Pictures.Stream(H264Pictures.Slice(4, 50, false)), unit.Bytes);

        // Those of another stream take their place.
        unit.Clear();
        byte[] other = [.. H264Pictures.Sps, 1];
        foreach (var part in (byte[][])[other, H264Pictures.Slice(5, 50, isIdr: true)]) Assert.True(unit.Put(part));
        Assert.True(unit.TryComplete());
        unit.Clear();
        Assert.True(unit.Put(H264Pictures.Slice(6, 50, isIdr: true)));
        Assert.True(unit.TryComplete());
        Assert.Equal(H264Pictures.Stream(other, H264Pictures.Slice(6, 50, true)), unit.Bytes);
    }

    [Fact]
    public void No_payload_does_harm_and_no_picture_grows_beyond_bounds()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[][]>(), payloads =>
        {
            var (frames, unit) = (new FrameAssembler(), new AccessUnit());
            foreach (var payload in payloads)
            {
                if (payload is null) continue;
                unit.Put(payload);
                frames.Put(PayloadFormat.H264, 1, payload.Length % 3 == 0, payload);
                frames.Put(PayloadFormat.H264, 1, payload.Length % 3 == 1, [0x78, .. payload]);
                frames.Put(PayloadFormat.H264, 1, payload.Length % 3 == 2, [0x7C, .. payload]);
            }

            Assert.InRange(frames.Frame.Length, 0, FrameAssembler.MaxFrame);
        }).QuickCheckThrowOnFailure();

        var endless = new AccessUnit();
        var slice = H264Pictures.Slice(1, 1_000, false);
        var taken = 0;
        while (endless.Put(slice)) taken++;
        Assert.InRange(taken, FrameAssembler.MaxFrame / 1_010, FrameAssembler.MaxFrame / 1_000);
        // A flood of parameter sets is not remembered.
        endless.Clear();
        for (var i = 0; i < 1_000; i++) Assert.True(endless.Put([0x68, (byte)(i >> 4), (byte)(0x80 | i), 0x80]));
        endless.Clear();
        Assert.True(endless.Put(H264Pictures.Slice(1, 1_000, true)));
        Assert.True(endless.TryComplete());
        Assert.InRange(endless.Bytes.Length, 1_500, 3_100);
    }

    [Fact]
    public void Whatever_is_lost_or_late_what_comes_out_can_always_be_decoded()
    {
        Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed =>
        {
            var random = new Random(seed);
            var (stream, track, list) = (new FrameStream(PayloadFormat.H264, 7, (ushort)random.Next(65_536)), FrameStream.Track(PayloadFormat.H264, 7), new FrameList());
            var reader = new VideoFrameReader(track, list, 0);
            var (late, sent) = (new List<(long At, byte[] Packet)>(), new List<byte[]>());
            for (var number = 0; number < 120; number++)
            {
                var now = number * 33L;
                var isKeyframe = number % 40 == 0 || random.Next(25) == 0;
                sent.Add(H264Pictures.Picture(number, isKeyframe, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => random.Next(8, 3_000))]));
                foreach (var packet in stream.Cut(sent[^1], isKeyframe, (uint)number * 3000))
                {
                    var fate = random.Next(30);
                    if (fate == 0) continue;
                    if (fate < 4) late.Add((now + random.Next(1, 400), packet));
                    else Give(reader, track, [packet], now);
                }

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
                var number = H264Pictures.NumberOf(data);
                // Each is whole, parameter sets included, and refers to the one before it, but a keyframe.
                Assert.True(head.IsKeyframe ? number > before : number == before + 1, $"{number} after {before}");
                Assert.Equal(sent[number], data);
                before = number;
            }

            Assert.NotEmpty(list.Frames);
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Where_decoding_can_begin_is_where_the_parameter_sets_are()
    {
        var (stream, track) = (new FrameStream(PayloadFormat.H264, 7, 100), FrameStream.Track(PayloadFormat.H264, 7));
        List<byte[]> packets = [.. stream.Cut(H264Pictures.Picture(1, true, 3_000, 500), true, 3000), .. stream.Cut(H264Pictures.Stream(H264Pictures.Slice(2, 900, true), H264Pictures.Slice(2, 900, true, false)), true, 6000)];
        Assert.Equal(7, packets.Count);
        var starts = packets.Select(p => (track.Feed(p, 0), track.Info(track.Highest).StartsKeyframe).Item2).ToList();
        // The sets of the first picture, none of its slices; the first slice of the second, which has no sets.
        Assert.Equal([true, false, false, false, false, true, false], starts);

        // What overtakes its picture's beginning does not keep it from being that.
        var again = FrameStream.Track(PayloadFormat.H264, 7);
        foreach (var i in (int[])[1, 0, 2, 3, 4]) again.Feed(packets[i], 0);
        var list = new FrameList();
        _ = new VideoFrameReader(again, list, 0);
        Assert.Equal(H264Pictures.Picture(1, true, 3_000, 500), Assert.Single(list.Frames).Data);
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
