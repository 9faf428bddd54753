using Parley.Media.Core.Recording;

namespace Parley.tests.Media.Core.Recording;

/// <summary>From RTP to a file: whatever the network did, what was seen and heard together is together in the file, and it plays.</summary>
public sealed class EndpointRecordingTests
{
    [Theory]
    [InlineData(false, 0)]
    [InlineData(true, 0)]
    [InlineData(false, 4_500)]
    public void Picture_and_sound_are_within_40_ms_though_the_network_delays_them_differently(bool isVp9, long reportsFromMs)
    {
        using var file = new TestFile();
        var recording = Make(file);
        // Pictures take 90 ms longer than sound, and both come in disorder.
        var sender = new RtpSender(recording) { ReportsFromMs = reportsFromMs, Network = (isVideo, random) => (isVideo ? 110 : 20) + random.Next(40) };
        sender.Run(0, 10_000, isVp9);
        recording.Finish();

        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        var (flashes, beeps) = (Ffmpeg.Flashes(file.Path), Ffmpeg.Beeps(file.Path));
        Assert.Equal((5, 5), (flashes.Count, beeps.Count));
        // Without reports only the arrival tells: then pictures are late by what they take longer.
        for (var i = 0; i < 5; i++) Assert.InRange(flashes[i] - beeps[i], -0.040, 1 + (2 * i) > reportsFromMs / 1000.0 ? 0.040 : 0.140);
        Assert.Empty(recording.Gaps);
        Assert.Equal(300, recording.Streams[1].Frames);
    }

    [Fact]
    public void What_comes_again_in_time_is_in_the_file_and_what_is_lost_leaves_a_gap_up_to_the_next_keyframe()
    {
        using var file = new TestFile();
        var recording = Make(file);
        var (sent, late) = (0, 0);
        var sender = new RtpSender(recording)
        {
            Network = (isVideo, random) =>
            {
                // One in twenty comes 300 ms later; the 400th picture packet never.
                if (isVideo && ++sent == 150) return null;
                if (random.Next(20) != 0) return 20;
                late++;
                return 320;
            },
        };
        sender.Run(0, 10_000);
        recording.Finish();

        Assert.True(late > 20, "nothing was late");
        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        var gap = Assert.Single(recording.Gaps);
        Assert.Equal("video", gap.StreamId);
        var times = Ffmpeg.Packets(file.Path, "v:0").Select(p => p.Time).ToList();
        var jump = times.Zip(times.Skip(1)).Single(p => p.Second - p.First > 0.05);
        Assert.Contains(Ffmpeg.Packets(file.Path, "v:0"), p => p.IsKey && p.Time == jump.Second);
        Assert.Equal((gap.ToMs - gap.FromMs) / 1000.0, jump.Second - jump.First, 0.04);
        Assert.Equal((1, 0), (recording.Streams[1].Lost, recording.Streams[0].Lost));
        Assert.Equal(500, recording.Streams[0].Frames);
        Assert.True(sender.KeyframesAsked > 0);
    }

    [Fact]
    public void A_muted_sender_that_comes_back_is_where_it_belongs()
    {
        using var file = new TestFile();
        var recording = Make(file);
        var sender = new RtpSender(recording);
        sender.Run(0, 3_000);
        foreach (var stream in recording.Streams.ToList()) recording.Remove(stream);
        new RtpSender(recording).Run(6_000, 10_000);
        recording.Finish();

        Assert.Equal("", Ffmpeg.Complaints(file.Path));
        Assert.Equal([1.0, 7.0, 9.0], Ffmpeg.Flashes(file.Path).Select(t => Math.Round(t, 1)));
        Assert.Equal([1.0, 7.0, 9.0], Ffmpeg.Beeps(file.Path).Select(t => Math.Round(t, 1)));
        Assert.Equal(RtpSender.BeganMs + 20, recording.Writer.StartMs);
    }

    [Fact]
    public void A_crash_costs_less_than_three_seconds()
    {
        using var file = new TestFile();
        var recording = Make(file);
        for (var i = 0; i < 8; i++)
        {
            var before = new RtpSender(recording);
            before.Run(i * 1_000, (i + 1) * 1_000, hasVideo: false);
            recording.Remove(recording.Streams[0]);
            using var cut = new TestFile(file.Path);
            Assert.Equal(WebmCondition.Repaired, WebmRepair.Run(cut, out var durationMs));
            Assert.InRange(durationMs, ((i + 1) * 1_000) - 3_000, (i + 1) * 1_000);
        }
    }

    [Fact]
    public void A_keyframe_is_asked_for_at_the_start_and_every_ten_seconds()
    {
        using var file = new TestFile();
        var recording = Make(file);
        var video = recording.Add("video", isVideo: true);
        var asked = new List<long>();
        for (var now = 0L; now < 31_000; now += 20)
        {
            if (now == 3_000 || now == 12_500) Put(video, now, isKey: true);
            recording.Tick(now);
            if (video.WantsKeyframe(now)) asked.Add(now);
        }

        // Until one comes every second; ten seconds after it again.
        Assert.Equal([0, 1_000, 2_000, 22_500, 23_500], asked.Where(a => a < 24_000));

        void Put(RecordedStream to, long now, bool isKey) => to.Put(new(now, (uint)(now * 90), RecordedCodec.Vp8, true, now, null), [0x10, .. Footage.Vp8[isKey ? 0 : 1]]);
    }

    [Fact]
    public void Rubbish_neither_ends_nor_breaks_a_recording()
    {
        using var file = new TestFile();
        var recording = Make(file);
        var (audio, video) = (recording.Add("a", isVideo: false), recording.Add("v", isVideo: true));
        var random = new Random(3);
        for (var i = 0; i < 20_000; i++)
        {
            var bytes = new byte[random.Next(0, 60)];
            random.NextBytes(bytes);
            var stream = random.Next(2) == 0 ? audio : video;
            stream.Put(new(random.NextInt64(0, 1 << 20), (uint)random.NextInt64(1L << 32), (RecordedCodec)random.Next(4), random.Next(2) == 0, i, random.Next(2) == 0 ? random.NextInt64() : null), bytes);
            recording.Tick(i);
        }

        recording.Finish();
        if (recording.Writer.StartMs is not null) Ffmpeg.Run("ffprobe", ["-v", "fatal", "-show_packets", "-of", "csv", file.Path]);
    }

    private static EndpointRecording Make(TestFile file) => new(file, new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), "somebody", RtpSender.BeganMs);
}
