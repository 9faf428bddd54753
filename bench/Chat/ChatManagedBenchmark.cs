using System.Diagnostics;
using System.Globalization;

namespace Parley.bench.Chat;

/// <summary>
/// What it costs that a crash loses no message that was acknowledged to its sender (<c>Sessions:KeepUnacknowledged</c>): messages a second of CPU time between clients with stream management,
/// with and without it, in turns; receivers that acknowledge at once, and such that need longer than the server waits before it writes.
/// </summary>
internal static class ChatManagedBenchmark
{
    private const int Rounds = 7;
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan SlowNetwork = TimeSpan.FromMilliseconds(300);

    public static void Run(bool isLong) => RunAsync(isLong ? 100 : 40, isLong ? 1000 : 400).GetAwaiter().GetResult();

    private static async Task RunAsync(int pairs, int messages)
    {
        (double Ours, double Reference) worst = (0, 0);
        foreach (var hasArchive in new[] { false, true })
        {
            foreach (var latency in new[] { TimeSpan.Zero, SlowNetwork })
            {
                var (ours, reference) = await MeasureAsync(pairs, hasArchive ? messages : messages * 5, hasArchive, latency);
                Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                    $"result chat-managed/{(hasArchive ? "archive" : "plain")}-{(latency > TimeSpan.Zero ? "slow" : "quick")} ours={ours:0} reference={reference:0} ratio={ours / reference:0.000}"));
                if (worst.Reference == 0 || ours / reference < worst.Ours / worst.Reference) worst = (ours, reference);
            }
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-managed ours={worst.Ours:0} reference={worst.Reference:0} ratio={worst.Ours / worst.Reference:0.000} better=higher"));
    }

    private static async Task<(double Ours, double Reference)> MeasureAsync(int pairs, int messages, bool hasArchive, TimeSpan latency)
    {
        using var ours = new Measured(true);
        using var reference = new Measured(false);
        foreach (var one in (Measured[])[ours, reference]) await one.StartAsync(pairs, messages, hasArchive, latency);
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var one in round % 2 == 0 ? (Measured[])[ours, reference] : [reference, ours]) await one.RunAsync(pairs, messages);
        }

        return (ours.Median, reference.Median);
    }

    private sealed class Measured(bool keepsUnacknowledged) : IDisposable
    {
        private readonly ParleyChat _server = new(keepsUnacknowledged);
        private readonly ManagedTraffic _traffic = new();
        private readonly List<double> _rates = [];

        public double Median => _rates.Order().ElementAt(Rounds / 2);

        public async Task StartAsync(int pairs, int messages, bool hasArchive, TimeSpan latency)
        {
            await _server.StartAsync(new ChatSetup(2 * pairs, hasArchive ? ChatArchive.Sqlite : ChatArchive.None));
            await _traffic.ConnectAsync(_server, pairs, latency);
            var clock = Stopwatch.StartNew();
            do await _traffic.RunAsync(messages);
            while (clock.Elapsed < WarmUp);
        }

        // With what the server has still to do when the last message has come.
        public async Task RunAsync(int pairs, int messages)
        {
            var before = _server.CpuTime;
            await _traffic.RunAsync(messages);
            await Task.Delay(TimeSpan.FromMilliseconds(500));
            _rates.Add(pairs * messages / (_server.CpuTime - before).TotalSeconds);
        }

        public void Dispose()
        {
            _traffic.Dispose();
            _server.Dispose();
        }
    }
}
