using System.Diagnostics;
using System.Globalization;
using System.Numerics;

namespace Parley.bench.Forward;

/// <summary>
/// What forwarding costs on one worker: a frame of eight packets of 1,200 bytes to ten receivers on loopback sockets, against a C program that does the same work. Both
/// get the same traffic from the same sender and prove every packet to the same receivers; measured is the CPU time of the forwarding thread alone, in short rounds that
/// take turns, and the median of the rounds counts. Packets a second are what a core would forward if it did nothing else.
/// </summary>
internal static class ForwardBenchmark
{
    private const int Receivers = 10, Frames = 200, WarmUpRounds = 40, Rounds = 40;

    public static void Run()
    {
        var program = CPeer.Compile("forward", "crypto");
        ShareOneCore();
        using var c = new PlainC(program, Receivers);
        using var relay = RelayUnderTest.Start(Receivers);
        for (var round = 0; round < WarmUpRounds; round++)
        {
            relay.Run(Frames);
            c.Run(segmentation: round % 2 == 0, Frames);
            // The optimising compiler begins once no new code has run for a tenth of a second; a server has all the time that it needs.
            Thread.Sleep(150);
        }

        List<double> ours = [], gso = [], plain = [];
        var (bytes, packets) = (0L, 0L);
        for (var round = 0; round < Rounds; round++)
        {
            gso.Add(c.Run(segmentation: true, Frames));
            var (nanoseconds, allocated) = relay.Run(Frames);
            ours.Add(nanoseconds);
            bytes += allocated;
            packets += Frames * VideoFrames.Packets * Receivers;
            plain.Add(c.Run(segmentation: false, Frames));
        }

        Report("relay", ours, string.Create(CultureInfo.InvariantCulture, $" bytes={(double)bytes / packets:0.####}"));
        Report("c-gso", gso);
        Report("c-sendmmsg", plain);
        var (rate, reference) = (Rate(ours), Math.Max(Rate(gso), Rate(plain)));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result forward ours={rate:0} reference={reference:0} ratio={rate / reference:0.000} better=higher"));
    }

    /// <summary>
    /// Sender, receivers and whichever forwards take turns on one core, the last: a frame is then always handled whole, and neither forwarder gains from what runs on
    /// another. It holds for this thread and what it starts; the runtime's own threads stay free.
    /// </summary>
    private static void ShareOneCore()
    {
        using var process = Process.GetCurrentProcess();
        process.ProcessorAffinity = (nint)1 << BitOperations.Log2((ulong)process.ProcessorAffinity);
    }

    private static void Report(string name, List<double> rounds, string more = "") =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result forward/{name} ns={Median(rounds):0} min_ns={rounds.Min():0} packets_per_second={Rate(rounds):0}{more}"));

    private static double Rate(List<double> rounds) => 1e9 / Median(rounds);

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);
}
