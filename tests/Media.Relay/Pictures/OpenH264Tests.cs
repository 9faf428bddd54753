using System.Globalization;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Core.Video.H264;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;
using Parley.tests.Media.Core.Recording;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>OpenH264 as it is bound here.</summary>
public sealed class OpenH264Tests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("parley-h264-").FullName;

    [Fact]
    public void The_library_of_this_machine_is_known() => Assert.True(H264Library.IsThere(out var missing), missing);

    [Theory]
    [InlineData("42e01f", 1, 320, 180)]
    [InlineData("42001f", 0, 640, 360)]
    [InlineData("64001f", 1, 1280, 720)]
    [InlineData("42e00c", 1, 176, 144)]
    public void Pictures_come_back_and_keyframes_only_where_they_are_asked_for(string id, int mode, int width, int height)
    {
        var coding = Coding(id, mode);
        using var sender = new PictureSender(2, width, height, PayloadFormat.H264, coding: coding);
        using var decoder = new H264Decoder();
        var (keyframes, octets, cutter) = (new List<int>(), 0, new VideoPackets(PayloadFormat.H264, coding.HasSingleUnits));
        for (var i = 0; i < 60; i++)
        {
            sender.WantsKeyframe |= i == 30;
            var frame = sender.Next(out var isKeyframe);
            Assert.NotEmpty(frame);
            Assert.NotEqual(0, cutter.Begin(frame));
            octets += frame.Length;
            if (isKeyframe)
            {
                keyframes.Add(i);
                Assert.True(KeyframeSize.TryReadH264(frame, out var w, out var h));
                Assert.Equal((width, height), (w, h));
                // As was negotiated: constrained baseline, and no higher level.
                var units = new AnnexB(frame);
                Assert.True(units.MoveNext());
                Assert.True(SequenceParameters.TryRead(units.Unit, out var parameters));
                Assert.Equal((66, 0xC0), (parameters.Profile, parameters.Constraints & 0xC0));
                Assert.True(coding.Level!.Covers(H264Level.Of(parameters.Level, (parameters.Constraints & 0x10) != 0)!), $"level {parameters.Level}");
            }

            Assert.True(decoder.Decode(frame), $"frame {i}");
            Assert.Equal((width, height), (decoder.Picture!.Value.Width, decoder.Picture.Value.Height));
            Assert.Equal(2, TestPicture.WhoseAt(decoder.Picture.Value, width / 2, height / 5));
        }

        Assert.Equal([0, 30], keyframes);
        Assert.InRange(octets, 1_000, 400_000 / 8 * 4); // four seconds
    }

    [Fact]
    public void In_single_units_no_unit_is_longer_than_a_packet_however_much_there_is_to_see()
    {
        var coding = Coding("42e01f", 0);
        using var encoder = PictureCodecs.Encoder(new(coding, 640, 360, 15, 2_000_000));
        using var canvas = new I420Buffer(640, 360);
        using var decoder = new H264Decoder();
        var random = new Random(5);
        var cutter = new VideoPackets(PayloadFormat.H264, singleUnits: true);
        var (most, made) = (0, 0);
        for (var i = 0; i < 60; i++)
        {
            // First as much as there can be, which is more than the library has slices for.
            Noise(canvas, random, i < 10 ? 128 : 12);
            encoder.Encode(canvas, i * 6_000, i == 0, out var frame, out _);
            if (frame.IsEmpty) continue; // left out to keep the rate
            var count = cutter.Begin(frame);
            Assert.NotEqual(0, count);
            most = Math.Max(most, count);
            Assert.True(decoder.Decode(frame), $"frame {i} of {count} units");
            made++;
        }

        Assert.InRange(most, 20, 128);
        Assert.InRange(made, 3, 55);
    }

    [Fact]
    public void Without_a_keyframe_nothing_is_decoded_and_after_damage_not_before_the_next()
    {
        using var sender = new PictureSender(2, 320, 180, PayloadFormat.H264);
        using var decoder = new H264Decoder();
        var first = sender.Next(out _);
        Assert.False(decoder.Decode(sender.Next(out _)));
        Assert.True(decoder.NeedsKeyframe);
        Assert.True(decoder.Decode(first));
        var damaged = sender.Next(out _);
        damaged.AsSpan(6).Fill(0xFF);
        Assert.False(decoder.Decode(damaged));
        Assert.Null(decoder.Picture);
        Assert.False(decoder.Decode(sender.Next(out _)));
        sender.WantsKeyframe = true;
        Assert.True(decoder.Decode(sender.Next(out _)));
        Assert.Equal(2, TestPicture.WhoseAt(decoder.Picture!.Value, 160, 36));
    }

    [Fact]
    public void No_bytes_do_harm()
    {
        using var sender = new PictureSender(2, 320, 180, PayloadFormat.H264);
        List<byte[]> frames = [.. Enumerable.Range(0, 20).Select(i =>
        {
            sender.WantsKeyframe |= i % 5 == 0;
            return sender.Next(out _);
        })];
        var random = new Random(7);
        using var decoder = new H264Decoder();
        var decoded = 0;
        for (var i = 0; i < 3_000; i++)
        {
            var frame = frames[random.Next(frames.Count)].ToArray();
            for (var n = random.Next(4); n > 0; n--) frame[random.Next(frame.Length)] = (byte)random.Next(256);
            if (random.Next(4) == 0) frame = frame[..random.Next(frame.Length)];
            if (decoder.Decode(frame)) decoded++;
        }

        Assert.InRange(decoded, 100, 2_900);
        Assert.False(decoder.Decode([]));
        Assert.True(decoder.Decode(frames[0]));
    }

    [Theory]
    [InlineData("4096x2176", 1)]
    [InlineData("2560x1440", 16)] // of which more are to be kept than any level allows; the library of today refuses that by itself, too
    public void What_would_take_too_much_memory_is_not_begun(string size, int references)
    {
        var file = Path.Combine(_folder, "large.h264");
        Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", $"color=size={size}", "-frames:v", "1", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-preset", "ultrafast", "-profile:v", "baseline", "-x264-params", string.Create(CultureInfo.InvariantCulture, $"sps-id=5:ref={references}"), "-f", "h264", file]);
        var large = File.ReadAllBytes(file);
        using var decoder = new H264Decoder();
        Assert.False(decoder.Decode(large));
        Assert.True(decoder.NeedsKeyframe);
        // That it is claimed is enough, though nothing refers to it.
        using var sender = new PictureSender(2, 320, 180, PayloadFormat.H264);
        var small = sender.Next(out _);
        Assert.True(decoder.Decode(small));
        var units = new AnnexB(large);
        Assert.True(units.MoveNext());
        Assert.False(decoder.Decode([0, 0, 0, 1, .. units.Unit, .. small]));
    }

    [Theory]
    [InlineData("baseline", 30)]
    [InlineData("main", 25)] // as who does not know better sends it; the library shows it later
    [InlineData("high", 25)]
    public void What_x264_makes_is_decoded(string profile, int least)
    {
        var file = Path.Combine(_folder, "x264.h264");
        Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", "color=blue:size=642x362:rate=15", "-frames:v", "30", "-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", profile, "-tune", "zerolatency", "-g", "10", "-f", "h264", file]);
        using var decoder = new H264Decoder();
        var (pictures, shown) = (0, 0);
        foreach (var picture in Pictures(File.ReadAllBytes(file)))
        {
            Assert.True(decoder.Decode(picture));
            pictures++;
            if (decoder.Picture is not { } seen) continue;
            shown++;
            Assert.Equal((642, 362), (seen.Width, seen.Height));
            var (u, v) = seen.ColourAt(320, 180);
            Assert.True(u > 200 && v < 130, $"{u}, {v} is not blue");
        }

        Assert.Equal(30, pictures);
        Assert.InRange(shown, least, 30);
    }

    [Theory]
    [InlineData("42e01f", 1)]
    [InlineData("42e01f", 0)]
    public void What_is_made_is_decoded_by_ffmpeg_without_a_word(string id, int mode)
    {
        using var sender = new PictureSender(2, 640, 360, PayloadFormat.H264, coding: Coding(id, mode));
        using (var file = File.Create(Path.Combine(_folder, "ours.h264")))
        {
            for (var i = 0; i < 45; i++)
            {
                sender.WantsKeyframe |= i == 30;
                file.Write(sender.Next(out _));
            }
        }

        var (_, error) = Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "warning", "-err_detect", "explode", "-xerror", "-i", Path.Combine(_folder, "ours.h264"), "-f", "null", "-"]);
        Assert.Equal("", error);
        var count = Ffmpeg.Run("ffprobe", ["-v", "error", "-count_frames", "-show_entries", "stream=nb_read_frames,profile", "-of", "csv=p=0", Path.Combine(_folder, "ours.h264")]).Text.Trim();
        Assert.Equal("Constrained Baseline,45", count);
    }

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private static VideoCoding Coding(string id, int mode) =>
        VideoCoding.Of(new LegPayload(96, "H264", 90_000, [new("profile-level-id", id), new("packetization-mode", mode.ToString(CultureInfo.InvariantCulture))], []))!.Value;

    private static unsafe void Noise(I420Buffer picture, Random random, int most)
    {
        foreach (ref var pixel in new Span<byte>((void*)picture.View.Y, 640 * 360 * 3 / 2)) pixel = (byte)(128 + random.Next(-most, most));
    }

    // Its pictures: each ends where the next slice begins one, and has what stands before that.
    private static List<byte[]> Pictures(byte[] stream)
    {
        var (pictures, current, hasSlice) = (new List<byte[]>(), new List<byte>(), false);
        var units = new AnnexB(stream);
        while (units.MoveNext())
        {
            var isSlice = (units.Unit[0] & 0x1F) is 1 or 5;
            if (hasSlice && (!isSlice || (units.Unit[1] & 0x80) != 0))
            {
                pictures.Add([.. current]);
                (current, hasSlice) = ([], false);
            }

            hasSlice |= isSlice;
            current.AddRange([0, 0, 0, 1, .. units.Unit]);
        }

        pictures.Add([.. current]);
        return pictures;
    }
}
