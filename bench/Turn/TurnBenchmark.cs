using System.Globalization;

namespace Parley.bench.Turn;

/// <summary>
/// What relaying a packet costs the TURN server, against coturn: clients send to a peer that echoes, by ChannelData or Send indications, and the CPU time of our worker's
/// thread and of all of coturn's threads is divided by the packets relayed both ways. They take turns; the median of the rounds counts. Beside them runs a C program that
/// does nothing but the system calls, which shows what there is to gain; with <c>--long</c> it runs in other ways of calling the kernel too.
/// </summary>
internal static class TurnBenchmark
{
    private const int Rounds = 5, Bursts = 300, WarmUpBursts = 1500;

    public static void Run(bool isLong)
    {
        using ITurnPeer ours = new ParleyTurn(), coturn = new Coturn();
        var floors = Floors(isLong).ToList();
        TurnMemory.Run();
        (double Ours, double Reference) worst = (0, 1);
        foreach (var allocations in isLong ? new[] { 1, 100, 1000 } : [1, 100])
        {
            using TurnTraffic toOurs = new(ours, allocations), toCoturn = new(coturn, allocations);
            var toFloors = floors.Select(f => (f.Name, Traffic: new TurnTraffic(f, allocations), Rounds: new List<double>())).ToList();
            foreach (var isChannel in new[] { true, false })
            {
                foreach (var size in new[] { 1200, 160 })
                {
                    toOurs.Run(isChannel, size, WarmUpBursts);
                    toCoturn.Run(isChannel, size, Bursts);
                    foreach (var (_, traffic, rounds) in toFloors)
                    {
                        rounds.Clear();
                        if (isChannel) traffic.Run(isChannel, size, Bursts);
                    }

                    List<double> a = [], b = [];
                    for (var round = 0; round < Rounds; round++)
                    {
                        a.Add(toOurs.Run(isChannel, size, Bursts));
                        b.Add(toCoturn.Run(isChannel, size, Bursts));
                        foreach (var (_, traffic, rounds) in toFloors)
                        {
                            if (isChannel) rounds.Add(traffic.Run(isChannel, size, Bursts));
                        }
                    }

                    var (rate, reference) = (Rate(a), Rate(b));
                    Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                        $"result turn/{(isChannel ? "channel" : "send")}-{size}-{allocations} ours={rate:0} reference={reference:0} ratio={rate / reference:0.000} ours_ns={Median(a):0} reference_ns={Median(b):0}{string.Concat(toFloors.Where(f => f.Rounds.Count > 0).Select(f => string.Create(CultureInfo.InvariantCulture, $" {f.Name}_ns={Median(f.Rounds):0} {f.Name}_ratio={Median(b) / Median(f.Rounds):0.000}")))}"));
                    if (worst.Ours == 0 || rate / reference < worst.Ours / worst.Reference) worst = (rate, reference);
                }
            }

            toFloors.ForEach(f => f.Traffic.Dispose());
        }

        floors.ForEach(f => f.Dispose());
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result turn ours={worst.Ours:0} reference={worst.Reference:0} ratio={worst.Ours / worst.Reference:0.000} better=higher"));
    }

    private static IEnumerable<TurnFloor> Floors(bool isLong)
    {
        yield return new TurnFloor("floor", "turn");
        if (!isLong) yield break;
        yield return new TurnFloor("many", "turn", "many");
        yield return new TurnFloor("connected", "turn", "connected");
        yield return new TurnFloor("gather", "turn", "gather", "300");
        if (IoUring() is { } ring) yield return ring;
    }

    private static TurnFloor? IoUring()
    {
        try
        {
            return new TurnFloor("io_uring", "turn_uring");
        }
        catch (InvalidOperationException e)
        {
            Console.Error.WriteLine($"Not shown: io_uring, which this machine does not permit ({e.Message}).");
            return null;
        }
    }

    private static double Rate(List<double> rounds) => 1e9 / Median(rounds);

    private static double Median(List<double> rounds) => rounds.Order().ElementAt(rounds.Count / 2);
}
