using System.Globalization;

namespace Parley.bench.Pictures;

/// <summary>
/// How many composed pictures a core makes: four people's VP8 of 640x360 is decoded, set into a grid and encoded as VP8 again, by our mixer (with names, out of RTP packets and into
/// them) and by a GStreamer pipeline with the same decoder, encoder and settings, that composes the same places without names. CPU time of our one thread and of the whole other
/// process, without its start: what a longer run takes more than a short one. Rounds take turns, and the median counts.
/// </summary>
internal static class MixerVideoBenchmark
{
    private const int Sources = 4, ShortFrames = 45, Frames = 345, Rounds = 5;

    public static void Run(bool isLong)
    {
        Transcoding.Run();
        using var clips = Clips.Make(Sources, Frames);
        var rounds = isLong ? 3 * Rounds : Rounds;
        Measure(clips, "640x360", 1, rounds);
        var (ours, reference) = Measure(clips, "1280x720", 0, rounds);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result mixer-video ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} better=higher"));
    }

    private static (double Ours, double Reference) Measure(Clips clips, string name, int rendition, int rounds)
    {
        List<double> ours = [], reference = [];
        var (octets, theirOctets) = (0L, 0L);
        var peer = new GStreamerGrid(clips, rendition);
        for (var round = 0; round < rounds; round++)
        {
            // Fresh code would be slow code: the first time does not count.
            if (round == 0) _ = ParleyGrid.Run(clips, rendition, Frames);
            var (seconds, made) = ParleyGrid.Run(clips, rendition, Frames);
            var (brief, _) = ParleyGrid.Run(clips, rendition, ShortFrames);
            ours.Add((Frames - ShortFrames) / (seconds - brief));
            octets = made;
            (var theirs, theirOctets) = peer.Run(Frames);
            reference.Add((Frames - ShortFrames) / (theirs - peer.Run(ShortFrames).Seconds));
        }

        var (rate, other) = (Median(ours), Median(reference));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"result mixer-video/{name}-of-{Sources} ours={rate:0} reference={other:0} ratio={rate / other:0.000} ours_ms={1000 / rate:0.00} reference_ms={1000 / other:0.00} ours_kbit={Kilobits(octets):0} reference_kbit={Kilobits(theirOctets):0}"));
        return (rate, other);
    }

    // What the second of video took, so that nobody is faster by showing less.
    private static double Kilobits(long octets) => octets * 8 / 1000.0 / (Frames / 15.0);

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);
}
