using Parley.Media.Core.Video;

namespace Parley.tests.Media.Core.Video;

/// <summary>What VP9 frames ask a decoder to make.</summary>
public sealed class Vp9ClaimTests
{
    [Fact]
    public void The_size_that_a_frame_says_is_found_whatever_kind_it_is()
    {
        Assert.Equal(640 * 360, Vp9Claim.LargestArea(Vp9Frames.Make(640, 360, isKey: true)));
        Assert.Equal(640 * 360, Vp9Claim.LargestArea(Vp9Frames.Make(640, 360, isKey: false)));
        Assert.Equal(640 * 360, Vp9Claim.LargestArea(Vp9Frames.Make(640, 360, isKey: false, isIntra: true)));
        Assert.Equal(65_536L * 65_536, Vp9Claim.LargestArea(Vp9Frames.Make(65_536, 65_536, isKey: true)));
        for (var i = 0; i < 3; i++) Assert.Equal(0, Vp9Claim.LargestArea(Vp9Frames.Make(640, 360, isKey: false, reference: i)));
    }

    [Fact]
    public void A_keyframe_is_read_to_the_pixel()
    {
        Assert.True(KeyframeSize.TryReadVp9(Vp9Frames.Make(641, 359, isKey: true), out var width, out var height));
        Assert.Equal((641, 359), (width, height));
        Assert.False(KeyframeSize.TryReadVp9(Vp9Frames.Make(641, 359, isKey: false), out _, out _));
    }

    [Fact]
    public void Of_several_frames_the_largest_counts()
    {
        var (small, large) = (Vp9Frames.Make(320, 180, isKey: true), Vp9Frames.Make(16_384, 16_384, isKey: true));
        Assert.Equal(16_384L * 16_384, Vp9Claim.LargestArea(Vp9Frames.Together(small, large)));
        Assert.Equal(16_384L * 16_384, Vp9Claim.LargestArea(Vp9Frames.Together(large, small)));
        Assert.Equal(320 * 180, Vp9Claim.LargestArea(Vp9Frames.Together(small, Vp9Frames.Make(1, 1, isKey: false, reference: 0))));
    }

    [Fact]
    public void An_index_is_read_as_it_was_written()
    {
        Span<int> lengths = stackalloc int[Vp9Index.MostFrames];
        for (var count = 1; count <= Vp9Index.MostFrames; count++)
        {
            var named = Enumerable.Range(0, count).Select(i => 70_000 * (i + 1)).ToArray();
            var data = new byte[100 + Vp9Index.SizeOf(count)];
            Vp9Index.Write(named, data.AsSpan(100));
            Assert.Equal(count, Vp9Index.Read(data, lengths));
            Assert.Equal(named, lengths[..count].ToArray());
            Assert.Equal(0, Vp9Index.Read(data.AsSpan(0, data.Length - 1), lengths));
        }
    }

    [Fact]
    public void Rubbish_says_nothing_or_something_and_never_fails()
    {
        var random = new Random(11);
        byte[][] good = [Vp9Frames.Make(640, 360, isKey: true), Vp9Frames.Together(Vp9Frames.Make(320, 180, isKey: true), Vp9Frames.Make(9_000, 9_000, isKey: false))];
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = good[i % 2][..random.Next(good[i % 2].Length + 1)];
            for (var j = 0; j < i % 5 && bytes.Length > 0; j++) bytes[random.Next(bytes.Length)] = (byte)random.Next(256);
            if (i % 7 == 0 && bytes.Length > 0) bytes[^1] = (byte)(0xC0 | random.Next(32));
            Assert.InRange(Vp9Claim.LargestArea(bytes), 0, 65_536L * 65_536);
        }

        Assert.Equal(0, Vp9Claim.LargestArea([]));
    }
}
