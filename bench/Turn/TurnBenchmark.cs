using System.Globalization;

namespace Parley.bench.Turn;

/// <summary>
/// What relaying a packet costs the TURN server, against coturn: clients send to a peer that echoes, by ChannelData or Send indications, and the CPU time of our worker's
/// thread and of all of coturn's threads is divided by the packets relayed both ways. The two take turns; the median of the rounds counts.
/// </summary>
internal static class TurnBenchmark
{
    private const int Rounds = 5, Bursts = 300, WarmUpBursts = 1500;

    public static void Run(bool isLong)
    {
        using ITurnPeer ours = new ParleyTurn(), coturn = new Coturn();
        Thread.Sleep(1000); // until coturn listens
        (double Ours, double Reference) worst = (0, 1);
        foreach (var allocations in isLong ? new[] { 1, 100, 1000 } : [1, 100])
        {
            using TurnTraffic toOurs = new(ours, allocations), toCoturn = new(coturn, allocations);
            foreach (var isChannel in new[] { true, false })
            {
                foreach (var size in new[] { 1200, 160 })
                {
                    toOurs.Run(isChannel, size, WarmUpBursts);
                    toCoturn.Run(isChannel, size, Bursts);
                    List<double> a = [], b = [];
                    for (var round = 0; round < Rounds; round++)
                    {
                        a.Add(toOurs.Run(isChannel, size, Bursts));
                        b.Add(toCoturn.Run(isChannel, size, Bursts));
                    }

                    var (rate, reference) = (Rate(a), Rate(b));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"result turn/{(isChannel ? "channel" : "send")}-{size}-{allocations} ours={rate:0} reference={reference:0} ratio={rate / reference:0.000} ours_ns={Median(a):0} reference_ns={Median(b):0}"));
                    if (worst.Ours == 0 || rate / reference < worst.Ours / worst.Reference) worst = (rate, reference);
                }
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result turn ours={worst.Ours:0} reference={worst.Reference:0} ratio={worst.Ours / worst.Reference:0.000} better=higher"));
    }

    private static double Rate(List<double> rounds) => 1e9 / Median(rounds);

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);
}
