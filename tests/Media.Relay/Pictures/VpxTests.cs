using System.Buffers.Binary;
using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;
using Parley.tests.Media.Core.Video;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>libvpx as it is bound here.</summary>
public sealed class VpxTests
{
    [Fact]
    public void The_libraries_of_this_machine_are_known() => Assert.True(VideoLibraries.AreThere(out var missing), missing);

    [Theory]
    [InlineData(PayloadFormat.Vp8)]
    [InlineData(PayloadFormat.Vp9)]
    public void Pictures_come_back_and_keyframes_only_where_they_are_asked_for(PayloadFormat format)
    {
        using var sender = new PictureSender(2, 320, 180, format);
        using var decoder = new VpxDecoder(format);
        var (keyframes, octets) = (new List<int>(), 0);
        for (var i = 0; i < 60; i++)
        {
            sender.WantsKeyframe |= i == 30;
            var frame = sender.Next(out var isKeyframe);
            Assert.NotEmpty(frame);
            octets += frame.Length;
            if (isKeyframe) keyframes.Add(i);
            Assert.True(decoder.Decode(frame));
            Assert.Equal((320, 180), (decoder.Picture!.Value.Width, decoder.Picture.Value.Height));
            Assert.Equal(2, TestPicture.WhoseAt(decoder.Picture.Value, 160, 40));
        }

        Assert.Equal([0, 30], keyframes);
        Assert.InRange(octets, 1_000, 400_000 / 8 * 4); // four seconds
    }

    [Theory]
    [InlineData(PayloadFormat.Vp8)]
    [InlineData(PayloadFormat.Vp9)]
    public void Without_a_keyframe_nothing_is_decoded(PayloadFormat format)
    {
        using var sender = new PictureSender(2, 320, 180, format);
        using var decoder = new VpxDecoder(format);
        var first = sender.Next(out _);
        var second = sender.Next(out _);
        Assert.False(decoder.Decode(second));
        Assert.True(decoder.NeedsKeyframe);
        Assert.True(decoder.Decode(first));
        Assert.True(decoder.Decode(second));
        Assert.False(decoder.Decode([]));
        Assert.Null(decoder.Picture);
    }

    [Theory]
    [InlineData(PayloadFormat.Vp8)]
    [InlineData(PayloadFormat.Vp9)]
    public void Damaged_frames_only_fail(PayloadFormat format)
    {
        var random = new Random(5);
        using var sender = new PictureSender(1, 160, 90, format);
        using var decoder = new VpxDecoder(format);
        var failed = 0;
        for (var i = 0; i < 400; i++)
        {
            sender.WantsKeyframe = decoder.NeedsKeyframe;
            var frame = sender.Next(out _);
            if (i % 3 == 0) frame = frame[..random.Next(frame.Length)];
            for (var j = 0; j < i % 4; j++) if (frame.Length > 0) frame[random.Next(frame.Length)] = (byte)random.Next(256);
            if (!decoder.Decode(frame)) failed++;
        }

        Assert.InRange(failed, 20, 399);
        sender.WantsKeyframe = true;
        Assert.True(decoder.Decode(sender.Next(out _)));
        Assert.Equal(1, TestPicture.WhoseAt(decoder.Picture!.Value, 80, 20));
    }

    [Fact]
    public void A_picture_that_would_take_too_much_memory_is_refused_before_it_does()
    {
        using var sender = new PictureSender(1, 160, 90);
        using var decoder = new VpxDecoder(PayloadFormat.Vp8);
        var frame = sender.Next(out _);
        // RFC 6386 section 9.1: after the tag and the start code 14 bits of width and of height.
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(6), 16_383);
        BinaryPrimitives.WriteUInt16LittleEndian(frame.AsSpan(8), 16_383);
        var before = Restart();
        Assert.False(decoder.Decode(frame));
        Assert.True(decoder.NeedsKeyframe);
        Assert.InRange(Highest() - before, long.MinValue, 100_000);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nor_is_one_that_is_hidden_behind_a_small_one_or_grows_from_it(bool grows)
    {
        using var sender = new PictureSender(1, 1_024, 576, PayloadFormat.Vp9);
        using var decoder = new VpxDecoder(PayloadFormat.Vp9);
        var small = sender.Next(out _);
        Assert.True(decoder.Decode(small));
        var before = Restart();
        // Sixteen times as wide and as high is what VP9 allows.
        Assert.False(decoder.Decode(grows ? Vp9Frames.Make(16_384, 9_216, isKey: false) : Vp9Frames.Together(small, Vp9Frames.Make(16_384, 16_384, isKey: true))));
        Assert.InRange(Highest() - before, long.MinValue, 100_000);
        Assert.True(decoder.NeedsKeyframe);
        Assert.True(decoder.Decode(small));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Nor_is_one_that_follows_another_without_being_named(bool hasPicture)
    {
        using var sender = new PictureSender(1, 1_024, 576, PayloadFormat.Vp9);
        using var decoder = new VpxDecoder(PayloadFormat.Vp9);
        var key = sender.Next(out _);
        Assert.True(decoder.Decode(key));
        var before = Restart();
        // What shows a picture that is there already takes one byte. Where one that is decoded ends only decoding tells, and zeros between two are skipped.
        byte[] first = hasPicture ? key : [0x88];
        var large = Vp9Frames.Make(16_384, 16_384, isKey: true);
        for (var zeros = 0; zeros < 3; zeros++)
        {
            for (var cut = 0; cut < (hasPicture ? 6 : 1); cut++)
            {
                if (decoder.NeedsKeyframe) Assert.True(decoder.Decode(key));
                decoder.Decode([.. first.AsSpan(0, first.Length - cut), .. new byte[zeros], .. large]);
            }
        }

        Assert.InRange(Highest() - before, long.MinValue, 100_000);
        Assert.True(decoder.Decode(key));
        Assert.Equal((1_024, 576), (decoder.Picture!.Value.Width, decoder.Picture.Value.Height));
    }

    // From here on counts what Highest tells: what was taken only for a while too, and nothing of before.
    private static long Restart()
    {
        File.WriteAllText("/proc/self/clear_refs", "5");
        return Highest();
    }

    // The most memory that this process had, in KiB.
    private static long Highest() => long.Parse(File.ReadLines("/proc/self/status").Single(l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], System.Globalization.CultureInfo.InvariantCulture);
}
