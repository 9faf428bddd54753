using System.Diagnostics;
using System.Globalization;

namespace Parley.bench.Chat;

/// <summary>
/// One-to-one messages a second of CPU time, against Debian's Prosody and ejabberd on this machine in the same run: without an archive, and with one that is on the disk
/// (theirs in the same kind of database as ours, whose own time counts). Plaintext on loopback; what the clients use is not counted.
/// </summary>
internal static class ChatMessagesBenchmark
{
    private const int Rounds = 5;

    // Until a runtime has compiled what it runs, and for all the same.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static void Run(bool isLong) => RunAsync(isLong ? 100 : 40, isLong ? 1000 : 400).GetAwaiter().GetResult();

    private static async Task RunAsync(int pairs, int messages)
    {
        (double Ours, double Reference) worst = (0, 0);
        foreach (var archive in Enum.GetValues<ChatArchive>())
        {
            var hasArchive = archive != ChatArchive.None;
            // As many as each of them gets through in a similar time.
            var ours = await MeasureAsync(new ParleyChat(), pairs, hasArchive ? messages : messages * 5, archive);
            var prosody = await MeasureAsync(new ProsodyChat(), pairs, hasArchive ? messages / 20 : messages, archive);
            var ejabberd = await MeasureAsync(new EjabberdChat(), pairs, hasArchive ? messages / 20 : messages, archive);
            var reference = Math.Max(prosody, ejabberd);
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
                $"result chat-messages/{(archive switch { ChatArchive.None => "plain", ChatArchive.Sqlite => "archive", _ => "archive-postgresql" })} ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} prosody={prosody:0} ejabberd={ejabberd:0}"));
            if (worst.Reference == 0 || ours / reference < worst.Ours / worst.Reference) worst = (ours, reference);
        }

        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-messages ours={worst.Ours:0} reference={worst.Reference:0} ratio={worst.Ours / worst.Reference:0.000} better=higher"));
    }

    private static async Task<double> MeasureAsync(ChatServer server, int pairs, int messages, ChatArchive archive)
    {
        using (server)
        {
            await server.StartAsync(new ChatSetup(2 * pairs, archive));
            using var traffic = new MessageTraffic();
            await traffic.ConnectAsync(server, pairs);
            var clock = Stopwatch.StartNew();
            do await traffic.RunAsync(messages);
            while (clock.Elapsed < WarmUp);
            var rates = new List<double>();
            for (var round = 0; round < Rounds; round++)
            {
                var before = server.CpuTime;
                await traffic.RunAsync(messages);
                rates.Add(pairs * messages / (server.CpuTime - before).TotalSeconds);
            }

            if (archive != ChatArchive.None) await traffic.CheckArchiveAsync();
            return rates.Order().ElementAt(Rounds / 2);
        }
    }
}
