using System.Globalization;

namespace Parley.bench.Turn;

/// <summary>
/// What an allocation with a channel costs the server in memory, against coturn: of coturn what its process grows by, of ours the live bytes of the managed heap, since an
/// allocation holds no other (its socket is the kernel's, in both). Ours runs beside the clients, whose part is known from their allocations at coturn.
/// </summary>
internal static class TurnMemory
{
    private const int WarmUp = 100, Allocations = 1000;

    public static void Run()
    {
        using var coturn = new Coturn();
        using var ours = new ParleyTurn();
        using (new TurnTraffic(ours, WarmUp)) using (new TurnTraffic(coturn, WarmUp))
        {
            var (here, there) = (GC.GetTotalMemory(forceFullCollection: true), Resident(coturn.Process));
            using var toCoturn = new TurnTraffic(coturn, Allocations);
            var clients = GC.GetTotalMemory(forceFullCollection: true) - here;
            var reference = (Resident(coturn.Process) - there) / Allocations;
            here = GC.GetTotalMemory(forceFullCollection: true);
            using var toOurs = new TurnTraffic(ours, Allocations);
            var own = (GC.GetTotalMemory(forceFullCollection: true) - here - clients) / Allocations;
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result turn/memory ours={own} reference={reference} ratio={(double)own / reference:0.000} better=lower"));
        }
    }

    /// <summary>A process's resident bytes.</summary>
    private static long Resident(string process)
    {
        var line = File.ReadLines($"/proc/{process}/status").First(l => l.StartsWith("VmRSS:", StringComparison.Ordinal));
        return long.Parse(line.AsSpan("VmRSS:".Length).Trim().ToString().Split(' ')[0], CultureInfo.InvariantCulture) * 1024;
    }
}
