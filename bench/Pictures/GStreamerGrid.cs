using System.Diagnostics;
using System.Globalization;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;

namespace Parley.bench.Pictures;

/// <summary>The same work by a GStreamer pipeline in a process of its own: the same files, places, encoder and settings.</summary>
/// <param name="clips">What is composed.</param>
/// <param name="rendition">Into which size.</param>
internal sealed class GStreamerGrid(Clips clips, int rendition)
{
    /// <summary>Makes a number of pictures.</summary>
    /// <returns>The process's CPU time in seconds, its start included, and how long the frames were together.</returns>
    public (double Seconds, long Octets) Run(int frames)
    {
        var to = Renditions.All[rendition];
        var output = Path.Combine(clips.Folder, "out.ivf");
        var tiles = GridLayout.Arrange(clips.Frames.Count, to.Width, to.Height);
        var places = string.Join(' ', tiles.Select((t, i) => Invariant($"sink_{i}::xpos={t.X} sink_{i}::ypos={t.Y} sink_{i}::width={t.Width} sink_{i}::height={t.Height}")));
        var inputs = string.Join(' ', Enumerable.Range(0, clips.Frames.Count).Select(i => Invariant($"filesrc location={clips.FileOf(i)} ! ivfparse ! vp8dec threads=1 ! identity eos-after={frames + 1} ! queue ! c.sink_{i}")));
        var encoder = Invariant($"vp8enc deadline=1 cpu-used=-8 threads=1 end-usage=cbr target-bitrate={to.Bitrate} min-quantizer=4 max-quantizer=56 undershoot=100 overshoot=15 buffer-size=1000 buffer-initial-size=500 buffer-optimal-size=600")
            + " dropframe-threshold=25 lag-in-frames=0 keyframe-mode=disabled error-resilient=default static-threshold=1 max-intra-bitrate=600 auto-alt-ref=false";
        var pipeline = Invariant($"compositor name=c background=black {places} ! video/x-raw,format=I420,width={to.Width},height={to.Height},framerate={Clips.Rate}/1 ! {encoder} ! filesink location={output} {inputs}");
        var start = new ProcessStartInfo("bash") { RedirectStandardError = true, RedirectStandardOutput = true };
        foreach (var argument in (string[])["-c", $"TIMEFORMAT='cpu %U %S'; time gst-launch-1.0 -q {pipeline}"]) start.ArgumentList.Add(argument);
        using var process = Process.Start(start)!;
        var reading = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        _ = reading.Result;
        var line = errors.Split('\n').LastOrDefault(l => l.StartsWith("cpu ", StringComparison.Ordinal));
        if (process.ExitCode != 0 || line is null) throw new InvalidOperationException($"gst-launch-1.0 failed: {errors}");
        var parts = line.Split(' ');
        return (double.Parse(parts[1], CultureInfo.InvariantCulture) + double.Parse(parts[2], CultureInfo.InvariantCulture), new FileInfo(output).Length);
    }

    private static string Invariant(FormattableString text) => FormattableString.Invariant(text);
}
