using System.Diagnostics;
using System.Globalization;

namespace Parley.tests.Media.Core.Recording;

/// <summary>Debian's ffmpeg and ffprobe, which say whether a file is one.</summary>
internal static class Ffmpeg
{
    /// <summary>Plays a whole file as ffmpeg does by itself, and all of its tracks; what it has to say against it. Nothing is what is wanted.</summary>
    public static string Complaints(string path) =>
        Run("ffmpeg", ["-nostdin", "-v", "warning", "-i", path, "-f", "null", "-"]).Error + Run("ffmpeg", ["-nostdin", "-v", "warning", "-i", path, "-map", "0", "-f", "null", "-"]).Error;

    /// <summary>A value of the container, such as <c>duration</c>.</summary>
    public static double Format(string path, string entry) => double.Parse(Run("ffprobe", ["-v", "warning", "-show_entries", "format=" + entry, "-of", "csv=p=0", path]).Text, CultureInfo.InvariantCulture);

    /// <summary>Times and key flags of the packets of one stream, <c>v:0</c> or <c>a:0</c>, or of all as they follow each other in the file where it is null; in seconds.</summary>
    public static List<(double Time, bool IsKey)> Packets(string path, string? stream) =>
        [.. Run("ffprobe", ["-v", "warning", .. stream is null ? Array.Empty<string>() : ["-select_streams", stream], "-show_entries", "packet=pts_time,flags", "-of", "csv=p=0", path]).Text
            .Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(',')).Select(f => (double.Parse(f[0], CultureInfo.InvariantCulture), f[1].StartsWith('K')))];

    /// <summary>When the picture turns from dark to bright, in seconds.</summary>
    /// <param name="path">The file.</param>
    /// <param name="part">Which part of the picture is looked at, as ffmpeg's filter <c>crop</c> takes it.</param>
    public static List<double> Flashes(string path, string part = "iw:ih")
    {
        var lines = Run("ffprobe", ["-v", "error", "-f", "lavfi", "-i", $"movie={path},crop={part},signalstats", "-show_entries", "frame=pts_time:frame_tags=lavfi.signalstats.YAVG", "-of", "csv=p=0"]).Text;
        var found = new List<double>();
        var wasBright = false;
        foreach (var line in lines.Split('\n', StringSplitOptions.RemoveEmptyEntries))
        {
            var fields = line.Split(',');
            var isBright = double.Parse(fields[1], CultureInfo.InvariantCulture) > 120;
            if (isBright && !wasBright) found.Add(double.Parse(fields[0], CultureInfo.InvariantCulture));
            wasBright = isBright;
        }

        return found;
    }

    /// <summary>When sound sets in after silence, in seconds.</summary>
    public static List<double> Beeps(string path)
    {
        const int Rate = 48_000, Window = Rate / 500;
        var bytes = Run("ffmpeg", ["-nostdin", "-v", "error", "-i", path, "-vn", "-af", "aresample=async=1:min_hard_comp=0.005:first_pts=0", "-f", "f32le", "-ac", "1", "-ar", "48000", "-"], out _);
        var found = new List<double>();
        var quiet = int.MaxValue;
        for (var at = 0; at + Window * 4 <= bytes.Length; at += Window * 4)
        {
            var sum = 0.0;
            for (var i = 0; i < Window; i++)
            {
                double sample = BitConverter.ToSingle(bytes, at + i * 4);
                sum += sample * sample;
            }

            if (Math.Sqrt(sum / Window) < 0.02) quiet = quiet < int.MaxValue ? quiet + 1 : quiet;
            else
            {
                if (quiet > 100) found.Add(at / 4 / (double)Rate);
                quiet = 0;
            }
        }

        return found;
    }

    /// <summary>Runs one of them; fails with what it says where it fails.</summary>
    public static (string Text, string Error) Run(string program, IEnumerable<string> arguments)
    {
        var bytes = Run(program, arguments, out var error);
        return (System.Text.Encoding.UTF8.GetString(bytes), error);
    }

    private static byte[] Run(string program, IEnumerable<string> arguments, out string error)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;
        var reading = process.StandardError.ReadToEndAsync();
        var output = new MemoryStream();
        process.StandardOutput.BaseStream.CopyTo(output);
        process.WaitForExit();
        error = reading.GetAwaiter().GetResult();
        Assert.True(process.ExitCode == 0, $"{program} failed: {error}");
        return output.ToArray();
    }
}
