using System.Globalization;
using System.Runtime.InteropServices;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's ffmpeg as a participant by plain RTP: it knows what <c>./parley tool connect</c> printed, and nothing else.</summary>
internal sealed class MediaTool : IDisposable
{
    private const int SampleRate = 48_000;

    private readonly CallRoom _room;
    private readonly string _sdp, _folder = Directory.CreateTempSubdirectory("parley-tool-").FullName;

    private MediaTool(CallRoom room, string sdp) => (_room, _sdp) = (room, sdp);

    /// <summary>Connects it.</summary>
    public static MediaTool Connect(CallRoom room, params string[] args)
    {
        Assert.SkipUnless(File.Exists("/usr/bin/ffmpeg"), "ffmpeg is not installed: run tests/setup.");
        var said = room.Server.Cli(["tool", "connect", "room", .. args]);
        Assert.True(said.ExitCode == 0, said.All);
        var tool = new MediaTool(room, said.Output);
        File.WriteAllText(tool.At("tool.sdp"), said.Output);
        return tool;
    }

    /// <summary>How it encodes pictures as the SDP wants them.</summary>
    private IReadOnlyList<string> Encoder => _sdp.Contains("H264/90000", StringComparison.Ordinal)
        ? ["-pix_fmt", "yuv420p", "-c:v", "libx264", "-profile:v", "baseline", "-preset", "ultrafast", "-tune", "zerolatency"]
        : ["-c:v", "libvpx", "-deadline", "realtime", "-cpu-used", "8"];

    /// <summary>Sends a tone and a colour.</summary>
    public RunningCommand Send(int hertz, string colour, params string[] audioCodec)
    {
        var (audio, video) = (Target("audio"), Target("video"));
        return _room.Namespace.Start("ffmpeg",
        [
            "-nostdin", "-loglevel", "warning", "-re", "-f", "lavfi", "-i", string.Create(CultureInfo.InvariantCulture, $"sine=frequency={hertz}:sample_rate={SampleRate},volume=3"),
            "-re", "-f", "lavfi", "-i", $"color=c={colour}:size=320x180:rate=15",
            "-map", "0:a", .. audioCodec, "-payload_type", audio.Payload, "-f", "rtp", audio.Url,
            "-map", "1:v", .. Encoder, "-g", "30", "-b:v", "300k", "-payload_type", video.Payload, "-f", "rtp", video.Url,
        ]);
    }

    /// <summary>Takes what it is sent for some seconds.</summary>
    /// <returns>The sound, how many pictures were decoded, and what ffmpeg said.</returns>
    public async Task<(short[] Sound, int Pictures, string Said)> ReceiveAsync(int seconds)
    {
        var sound = At("sound.raw");
        var time = seconds.ToString(CultureInfo.InvariantCulture);
        var ffmpeg = _room.Namespace.Start("ffmpeg",
        [
            "-nostdin", "-loglevel", "info", "-y", "-protocol_whitelist", "file,udp,rtp", "-sdp_flags", "rtcp_to_source", "-i", At("tool.sdp"),
            "-map", "0:a", "-t", time, "-ac", "1", "-ar", SampleRate.ToString(CultureInfo.InvariantCulture), "-f", "s16le", sound,
            "-map", "0:v", "-t", time, "-f", "null", "-",
        ]);
        try
        {
            await ffmpeg.Process.WaitForExitAsync(TestContext.Current.CancellationToken).WaitAsync(TimeSpan.FromSeconds(40), TestContext.Current.CancellationToken);
        }
        catch (TimeoutException)
        {
            throw new TimeoutException("ffmpeg does not end:\n" + ffmpeg.Text);
        }

        Assert.True(ffmpeg.Process.ExitCode == 0, ffmpeg.Text);
        var frames = Regex.Matches(ffmpeg.Text, @"frame= *(\d+)");
        return (MemoryMarshal.Cast<byte, short>(File.ReadAllBytes(sound)).ToArray(), frames.Count == 0 ? 0 : int.Parse(frames[^1].Groups[1].Value, CultureInfo.InvariantCulture), ffmpeg.Text);
    }

    /// <summary>How loud tones are in the last second and a half of a recording.</summary>
    public static double[] Levels(short[] sound, params int[] hertz)
    {
        Assert.True(sound.Length > SampleRate, "hardly anything was recorded");
        var end = sound.AsSpan(Math.Max(0, sound.Length - (SampleRate * 3 / 2))).ToArray();
        return [.. hertz.Select(h => Tones.Level(end, h, SampleRate))];
    }

    /// <summary>What the SDP says.</summary>
    public override string ToString() => _sdp;

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    private (string Url, string Payload) Target(string kind)
    {
        var found = Regex.Match(_sdp, $@"m={kind} \d+ RTP/\S+ (\d+)\r?\ni=Send \S+ to (\S+)");
        Assert.True(found.Success, _sdp);
        return ($"rtp://{found.Groups[2].Value}", found.Groups[1].Value);
    }

    private string At(string file) => Path.Combine(_folder, file);
}
