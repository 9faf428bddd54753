using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Video;
using Parley.Media.Core.Video.H264;
using Parley.tests.Media.Core.Recording;

namespace Parley.tests.Media.Core.Video;

/// <summary>How large an H.264 picture is, and what a level allows.</summary>
public class SequenceParametersTests
{
    [Theory]
    [InlineData(640, 360, "baseline", 66)]
    [InlineData(1920, 1080, "baseline", 66)]
    [InlineData(322, 182, "main", 77)]
    [InlineData(176, 144, "high", 100)]
    [InlineData(720, 576, "high", 100, "-flags", "+ilme+ildct")] // interlaced
    [InlineData(640, 360, "high", 100, "-x264-params", "cqm=jvt")] // with matrices
    [InlineData(642, 362, "high444", 244, "-pix_fmt", "yuv444p")]
    public void Sizes_are_read_out_of_what_x264_makes(int width, int height, string profile, int idc, params string[] more)
    {
        var file = Path.Combine(Path.GetTempPath(), $"parley-{Guid.NewGuid():N}.h264");
        try
        {
            List<string> format = more.Contains("-pix_fmt") ? [] : ["-pix_fmt", "yuv420p"];
            Ffmpeg.Run("ffmpeg", ["-nostdin", "-v", "error", "-f", "lavfi", "-i", string.Create(CultureInfo.InvariantCulture, $"testsrc=size={width}x{height}:rate=15"), "-frames:v", "2", .. format, "-c:v", "libx264", "-profile:v", profile, .. more, "-f", "h264", file]);
            var stream = File.ReadAllBytes(file);
            Assert.True(KeyframeSize.TryReadH264(stream, out var w, out var h));
            Assert.Equal((width, height), (w, h));
            var units = new AnnexB(stream);
            Assert.True(units.MoveNext());
            Assert.True(SequenceParameters.TryRead(units.Unit, out var parameters));
            Assert.Equal(idc, parameters.Profile);
            Assert.Equal(profile == "baseline" ? 3 : 4, parameters.References); // x264 keeps one more where it makes B pictures
            Assert.InRange(parameters.CodedArea, (long)width * height, (width + 15L) * (height + 31));
        }
        finally
        {
            File.Delete(file);
        }
    }

    [Fact]
    public void No_bytes_do_harm_and_none_claim_too_much()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
        {
            foreach (var start in (byte[][])[[0x67], H264Pictures.Sps[..4], H264Pictures.Sps[..8], [0x67, 100, 0, 30]])
            {
                if (SequenceParameters.TryRead([.. start, .. bytes], out var p)) Assert.True(p is { Width: > 0 and <= 16_880, Height: > 0 and <= 33_760 }, p.ToString());
            }
        }).QuickCheckThrowOnFailure();
        for (var length = 0; length < 9; length++) Assert.False(SequenceParameters.TryRead(H264Pictures.Sps.AsSpan(0, length), out _));
    }

    [Theory]
    [InlineData("42e01f", 1280, 720, 30, true)]
    [InlineData("42e01f", 1280, 720, 31, false)]
    [InlineData("42e01e", 1280, 720, 15, false)]
    [InlineData("42e01e", 640, 480, 30, true)]
    [InlineData("42e00b", 320, 180, 7, true)]
    [InlineData("42e00b", 320, 180, 15, false)]
    [InlineData("42f00b", 320, 180, 7, false)] // constraint_set3: level 1b
    [InlineData("42e00d", 16, 912, 1, false)] // as few macroblocks as allowed, but all in a row
    public void Levels_bound_sizes_and_rates(string id, int width, int height, int rate, bool isAllowed) =>
        Assert.Equal(isAllowed, VideoCoding.Of(Payload(("profile-level-id", id)))!.Value.Allows(width, height, rate));

    [Theory]
    [InlineData("42e01f", "1", "42e/1", true)]
    [InlineData("4D801F", "1", "42e/1", true)] // table 5
    [InlineData("42001f", "0", "42/0", true)]
    [InlineData("64001f", "1", "640/1", true)]
    [InlineData("f4001f", "1", "f4/1", false)] // 4:4:4 alone
    [InlineData("42e01f", "2", "42e/2", false)] // interleaved
    [InlineData("42e000", "1", "42e/1", false)] // no level
    [InlineData("42e0", "1", "42e0/1", false)]
    [InlineData("42e0xx", "1", "42e0xx/1", false)]
    [InlineData("-2e01f", "1", "-2e01f/1", false)]
    [InlineData("42e01f", "one", "42e01f/one", false)]
    public void Profiles_are_told_apart_and_what_can_be_made_for_them(string id, string mode, string profile, bool isMade)
    {
        var payload = Payload(("profile-level-id", id), ("packetization-mode", mode));
        Assert.Equal(profile, Codec.Of(payload)!.Profile);
        var coding = VideoCoding.Of(payload);
        Assert.Equal(isMade, coding is not null);
        if (coding is { } made) Assert.Equal(Codec.Of(payload), Codec.Of(made.ToPayload(96)));
    }

    [Fact]
    public void Without_a_word_it_is_baseline_of_level_1_in_single_units()
    {
        var coding = VideoCoding.Of(Payload())!.Value;
        Assert.Equal((10, true), (coding.Level!.Idc, coding.HasSingleUnits));
        Assert.Equal(64_000, coding.Bound(500_000));
    }

    private static LegPayload Payload(params (string, string)[] parameters) => new(102, "H264", 90_000, [.. parameters.Select(p => KeyValuePair.Create(p.Item1, p.Item2))], []);
}
