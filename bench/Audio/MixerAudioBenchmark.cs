using System.Diagnostics;
using System.Globalization;

namespace Parley.bench.Audio;

/// <summary>
/// How many participants a core mixes: everybody sends Opus of speech or of a quiet room 50 times a second and gets 50 packets a second of all the others, from our mixer and from
/// Janus's AudioBridge, both at the same time and of the same packets. CPU time is divided by the packets that came back, so that what a busy machine leaves out counts on neither side.
/// Ours carries ICE and SRTP besides; Janus's participants speak plain RTP.
/// </summary>
internal static class MixerAudioBenchmark
{
    private const int Rounds = 3, RoundFrames = 400, WarmUpFrames = 600, FrameMs = 20, Voices = 12;
    private const float Heard = 0.02f;
    private const double PacketsPerSecond = 50, LeastShare = 0.3;

    public static void Run(bool isLong)
    {
        Measure("all-talk", isLong ? 50 : 20, int.MaxValue);
        var (ours, reference) = Measure("five-talk", 100, 5);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result mixer-audio ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} better=higher"));
    }

    private static (double Ours, double Reference) Measure(string name, int participants, int talking)
    {
        Speech[] voices = [.. Enumerable.Range(0, Voices).Select(i => new Speech(i, isTalking: true))], rooms = [.. Enumerable.Range(0, Voices).Select(i => new Speech(100 + i, isTalking: false))];
        List<IMixPeer> peers = [];
        try
        {
            peers.Add(new ParleyMixer(participants));
            peers.Add(new JanusBridge(participants));
            var frame = 0L;
            Play(WarmUpFrames);
            var rounds = peers.ConvertAll(_ => new List<double>());
            for (var round = 0; round < Rounds; round++)
            {
                var before = peers.ConvertAll(p => (p.CpuNanoseconds, p.Received, p.TakeLoudest()));
                Play(RoundFrames);
                for (var i = 0; i < peers.Count; i++)
                {
                    var packets = peers[i].Received - before[i].Received;
                    rounds[i].Add(PerCore(peers[i].CpuNanoseconds - before[i].CpuNanoseconds, packets));
                    var (loudest, share) = (peers[i].TakeLoudest(), packets / ((double)RoundFrames * participants));
                    if (loudest < Heard || share < LeastShare) throw new InvalidOperationException($"{peers[i].GetType().Name} sent {share:P0} of the packets, and who listens hears {loudest} at most");
                }
            }

            var (rate, reference) = (Median(rounds[0]), Median(rounds[1]));
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"result mixer-audio/{name}-{participants} ours={rate:0} reference={reference:0} ratio={rate / reference:0.000} ours_us={1e6 / (rate * PacketsPerSecond):0.0} reference_us={1e6 / (reference * PacketsPerSecond):0.0}"));
            return (rate, reference);

            void Play(int frames)
            {
                var began = Stopwatch.GetTimestamp();
                for (var i = 0; i < frames; i++, frame++)
                {
                    for (var p = 0; p < participants; p++)
                    {
                        // Each at another point of what they say.
                        var payload = (p < talking ? voices : rooms)[p % Voices][frame + 37L * p];
                        foreach (var peer in peers) peer.Send(p, payload);
                    }

                    foreach (var peer in peers) peer.Receive();
                    var wait = TimeSpan.FromMilliseconds((i + 1) * FrameMs) - Stopwatch.GetElapsedTime(began);
                    if (wait > TimeSpan.Zero) Thread.Sleep(wait);
                }
            }
        }
        finally
        {
            peers.ForEach(p => p.Dispose());
        }
    }

    // Participants that one core would serve if it did nothing else.
    private static double PerCore(long nanoseconds, long packets) => packets / PacketsPerSecond / (nanoseconds / 1e9);

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);
}
