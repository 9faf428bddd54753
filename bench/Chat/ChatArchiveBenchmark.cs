using System.Diagnostics;
using System.Globalization;

namespace Parley.bench.Chat;

/// <summary>
/// Archive queries (XEP-0313) a second of CPU time, against Debian's Prosody and ejabberd in the same run: pages of 50 messages, one behind the other, by several clients that
/// have some thousand messages each. All archive in SQLite.
/// </summary>
internal static class ChatArchiveBenchmark
{
    private const int Rounds = 5, Page = 50, Pairs = 4;

    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static void Run(bool isLong) => RunAsync(isLong ? 5_000 : 1_000, isLong ? 100 : 40).GetAwaiter().GetResult();

    private static async Task RunAsync(int stored, int pages)
    {
        // As many as each of them gets through in a similar time.
        var ours = await MeasureAsync(new ParleyChat(), stored, pages * 4);
        var prosody = await MeasureAsync(new ProsodyChat(), stored, pages);
        var ejabberd = await MeasureAsync(new EjabberdChat(), stored, pages);
        var reference = Math.Max(prosody, ejabberd);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture,
            $"result chat-archive/pages-of-{Page} ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} prosody={prosody:0} ejabberd={ejabberd:0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-archive ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} better=higher"));
    }

    private static async Task<double> MeasureAsync(ChatServer server, int stored, int pages)
    {
        using (server)
        {
            await server.StartAsync(new ChatSetup(2 * Pairs, ChatArchive.Sqlite));
            using (var traffic = new MessageTraffic())
            {
                await traffic.ConnectAsync(server, Pairs);
                await traffic.RunAsync(stored);
            }

            var readers = new List<ArchiveReader>();
            try
            {
                for (var i = 0; i < 2 * Pairs; i++) readers.Add(new ArchiveReader(await ChatClient.LogInAsync(server.Port, $"u{i}", "q"), stored));
                var clock = Stopwatch.StartNew();
                do await ReadAsync(readers, pages / 4);
                while (clock.Elapsed < WarmUp);
                var rates = new List<double>();
                for (var round = 0; round < Rounds; round++)
                {
                    var before = server.CpuTime;
                    await ReadAsync(readers, pages);
                    rates.Add(readers.Count * pages / (server.CpuTime - before).TotalSeconds);
                }

                return rates.Order().ElementAt(Rounds / 2);
            }
            finally
            {
                foreach (var reader in readers) reader.Dispose();
            }
        }
    }

    private static Task ReadAsync(List<ArchiveReader> readers, int pages) => Task.WhenAll(readers.Select(r => Task.Run(() => r.ReadAsync(pages))));

    /// <summary>Pages through one account's archive, from the oldest to the newest and again.</summary>
    private sealed class ArchiveReader(ChatClient client, int stored) : IDisposable
    {
        private string? _after;
        private int _read;

        public async Task ReadAsync(int pages)
        {
            for (var i = 0; i < pages; i++) await ReadPageAsync();
        }

        public void Dispose() => client.Dispose();

        private async Task ReadPageAsync()
        {
            var after = _after is null ? "" : $"<after>{_after}</after>";
            await client.SendAsync($"<iq type='set' id='q'><query xmlns='urn:xmpp:mam:2'><set xmlns='http://jabber.org/protocol/rsm'><max>{Page}</max>{after}</set></query></iq>");
            var answer = await client.ReadUntilAsync("</fin></iq>");
            var messages = answer.Split("<result ").Length - 1;
            _read += messages;
            if (messages == Page && _read < stored)
            {
                var last = answer.LastIndexOf("<last", StringComparison.Ordinal);
                var begin = answer.IndexOf('>', last) + 1;
                _after = answer[begin..answer.IndexOf('<', begin)];
                return;
            }

            if (_read != stored) throw new InvalidOperationException($"An archive of {stored} messages had {_read}.");
            (_after, _read) = (null, 0);
        }
    }
}
