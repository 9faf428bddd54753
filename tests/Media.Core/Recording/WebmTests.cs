using Parley.Media.Core.Recording;

namespace Parley.tests.Media.Core.Recording;

/// <summary>Files that ffmpeg and ffprobe play without a word.</summary>
public sealed class WebmTests
{
    private static readonly DateTimeOffset Epoch = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_finished_file_plays_without_a_warning_and_can_be_sought(bool isVp9)
    {
        using var file = new TestFile();
        var writer = Fill(file, isVp9);
        writer.Finish();

        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        Assert.InRange(Ffmpeg.Format(file.Path, "duration"), 9.9, 10.1);
        var pictures = Ffmpeg.Packets(file.Path, "v:0");
        Assert.Equal(Footage.Seconds * Footage.FramesPerSecond, pictures.Count);
        Assert.Equal(5, pictures.Count(p => p.IsKey));
        Assert.Equal(500, Ffmpeg.Packets(file.Path, "a:0").Count);
        // Jumped to the end, it shows what is there and does not read all before it.
        Assert.Equal("", Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "warning", "-ss", "8.5", "-i", file.Path, "-f", "null", "-"]).Error);
    }

    [Fact]
    public void A_file_that_was_never_finished_plays_without_a_warning()
    {
        using var file = new TestFile();
        Fill(file, isVp9: false).Flush();

        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        Assert.Equal(Footage.Seconds * Footage.FramesPerSecond, Ffmpeg.Packets(file.Path, "v:0").Count);
    }

    [Fact]
    public void A_file_cut_off_anywhere_is_repaired_and_loses_no_whole_frame()
    {
        using var whole = new TestFile();
        Fill(whole, isVp9: false).Flush();
        var random = new Random(5);
        for (var i = 0; i < 6; i++)
        {
            using var cut = new TestFile(whole.Path, random.NextInt64(3_000, whole.Length));
            Assert.Equal(WebmCondition.Repaired, WebmRepair.Run(cut, out var durationMs));
            Assert.Equal("", Ffmpeg.Complaints(cut.Path));
            Assert.InRange(Ffmpeg.Format(cut.Path, "duration"), (durationMs - 2) / 1000.0, (durationMs + 2) / 1000.0);
            Assert.Equal(WebmCondition.Whole, WebmRepair.Run(cut, out _));
        }
    }

    [Fact]
    public void At_every_byte_of_a_cluster_a_cut_costs_only_the_frames_behind_it()
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, "cut");
        writer.AddTrack(RecordedTrack.Opus);
        for (var i = 0; i < 4; i++)
        {
            writer.Write(1, i * 20, 20, isKey: true, [0x78, 1, 2, 3]);
            if (i == 1) writer.Flush();
        }

        var first = writer.Length;
        writer.Flush();
        // A block is 13 bytes here, a cluster's head 18.
        for (var length = first; length <= file.Length; length++)
        {
            using var cut = new TestFile(file.Path, length);
            Assert.Equal(WebmCondition.Repaired, WebmRepair.Run(cut, out var durationMs));
            var whole = length - first < 18 ? 0 : (length - first - 18) / 13;
            Assert.Equal(20 + (20 * whole) + 1, durationMs);
        }
    }

    [Fact]
    public void What_is_no_file_of_ours_is_left_alone()
    {
        using var file = new TestFile();
        Assert.Equal(WebmCondition.Unusable, WebmRepair.Run(file, out _));
        file.Append([0x1A, 0x45, 0xDF, 0xA3, .. new byte[5000]]);
        Assert.Equal(WebmCondition.Unusable, WebmRepair.Run(file, out _));
        Assert.Equal(5004, file.Length);
    }

    [Fact]
    public void Whatever_bytes_a_broken_file_holds_a_repair_ends()
    {
        using var whole = new TestFile();
        Fill(whole, isVp9: false).Flush();
        var bytes = File.ReadAllBytes(whole.Path);
        var random = new Random(11);
        for (var i = 0; i < 300; i++)
        {
            using var broken = new TestFile();
            var copy = bytes.AsSpan(0, 20_000).ToArray();
            for (var n = random.Next(1, 20); n > 0; n--) copy[random.Next(copy.Length)] = (byte)random.Next(256);
            broken.Append(copy);
            WebmRepair.Run(broken, out var durationMs);
            Assert.True(durationMs >= 0);
        }
    }

    [Fact]
    public void A_track_that_comes_later_is_in_the_same_file()
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, "later");
        writer.AddTrack(RecordedTrack.Opus);
        for (var i = 0; i < 100; i++) writer.Write(1, 5_000 + (i * 20), 20, isKey: true, Footage.Opus[i]);
        writer.Flush();
        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        Assert.Equal(2, writer.AddTrack(RecordedTrack.Picture(isVp9: false, 320, 240)));
        for (var i = 0; i < 60; i++) writer.Write(2, 7_000 + (i * 33), 0, isKey: i == 0, Footage.Vp8[i]);
        writer.Finish();

        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        Assert.Equal((5_000L, 2.0), (writer.StartMs!.Value, Ffmpeg.Packets(file.Path, "v:0")[0].Time));
    }

    [Fact]
    public void There_is_room_for_some_tracks_and_then_no_more()
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, new string('ö', 100));
        var count = 0;
        while (writer.AddTrack(RecordedTrack.Picture(isVp9: true, 320, 240)) > 0) count++;
        Assert.InRange(count, 8, 127);
        writer.Write(1, 0, 0, isKey: true, Footage.Vp9[0]);
        writer.Finish();
        Assert.Equal("", Ffmpeg.Run("ffprobe", ["-v", "error", "-show_format", file.Path]).Error);
    }

    [Fact]
    public void Frames_far_behind_or_too_long_are_left_out_and_time_never_goes_back()
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, "");
        writer.AddTrack(RecordedTrack.Opus);
        Assert.True(writer.Write(1, 10_000, 20, true, Footage.Opus[0]));
        Assert.True(writer.Write(1, 9_990, 20, true, Footage.Opus[1]));
        Assert.False(writer.Write(1, 8_000, 20, true, Footage.Opus[2]));
        Assert.False(writer.Write(1, 10_100, 20, true, new byte[WebmWriter.MaxFrame + 1]));
        Assert.True(writer.Write(1, 200_000, 20, true, Footage.Opus[3]));
        writer.Finish();

        Assert.Equal([-0.007, -0.006, 189.993], Ffmpeg.Packets(file.Path, "a:0").Select(p => Math.Round(p.Time, 3)));
    }

    [Fact]
    public void Sound_that_overlaps_a_little_plays_without_a_warning()
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, "");
        writer.AddTrack(RecordedTrack.Opus);
        for (var i = 0; i < 200; i++) writer.Write(1, (i * 20) - (i / 10 * 10), 20, true, Footage.Opus[i]);
        writer.Finish();
        Assert.Equal("", Ffmpeg.Complaints(file.Path));
    }

    [Theory]
    [InlineData(30)]
    [InlineData(29.97)]
    [InlineData(25)]
    [InlineData(20)]
    [InlineData(10)]
    public void A_camera_that_runs_evenly_and_then_does_not_plays_without_a_warning(double rate)
    {
        using var file = new TestFile();
        var writer = new WebmWriter(file, Epoch, "");
        writer.AddTrack(RecordedTrack.Picture(isVp9: false, 320, 240));
        var (random, time) = (new Random(7), 12_345.0);
        List<double> sent = [];
        for (var i = 0; i < Footage.Vp8.Count; i++)
        {
            time += i < 100 ? 1000 / rate : random.Next(4, 90);
            sent.Add(time);
            writer.Write(1, (long)time, 0, isKey: i % 60 == 0, Footage.Vp8[i]);
        }

        writer.Finish();
        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        var kept = Ffmpeg.Packets(file.Path, "v:0").Select(p => (p.Time * 1000) + writer.StartMs!.Value).ToList();
        Assert.Equal(Footage.Vp8.Count, kept.Count);
        Assert.All(sent.Zip(kept), p => Assert.InRange(p.Second - p.First, -6, 10));
    }

    private static WebmWriter Fill(TestFile file, bool isVp9)
    {
        var writer = new WebmWriter(file, Epoch, "a call");
        var audio = writer.AddTrack(RecordedTrack.Opus);
        var video = writer.AddTrack(RecordedTrack.Picture(isVp9, 320, 240));
        var frames = isVp9 ? Footage.Vp9 : Footage.Vp8;
        for (int i = 0, v = 0; i < Footage.Seconds * 50; i++)
        {
            writer.Write(audio, i * 20, 20, isKey: true, Footage.Opus[i]);
            for (; v < frames.Count && v * 100 / 3 < (i + 1) * 20; v++) writer.Write(video, v * 100 / 3, 33, isKey: v % 60 == 0, frames[v]);
            if (i % 50 == 49) writer.Flush();
        }

        return writer;
    }
}
