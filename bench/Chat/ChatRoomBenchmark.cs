using System.Globalization;
using System.Text;

namespace Parley.bench.Chat;

/// <summary>A room's messages to each of its occupants a second of CPU time, against Debian's Prosody and ejabberd in the same run, without an archive.</summary>
internal static class ChatRoomBenchmark
{
    private const int Rounds = 5, Window = 5;

    // Until a runtime has compiled what it runs, and for all the same.
    private static readonly TimeSpan WarmUp = TimeSpan.FromSeconds(8);

    public static void Run(bool isLong) => RunAsync(isLong ? 500 : 100, isLong ? 100 : 200).GetAwaiter().GetResult();

    private static async Task RunAsync(int occupants, int messages)
    {
        var ours = await MeasureAsync(new ParleyChat(), occupants, messages);
        var prosody = await MeasureAsync(new ProsodyChat(), occupants, messages);
        var ejabberd = await MeasureAsync(new EjabberdChat(), occupants, messages);
        var reference = Math.Max(prosody, ejabberd);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-room/fan-out-{occupants} ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} prosody={prosody:0} ejabberd={ejabberd:0}"));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-room ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} better=higher"));
    }

    private static async Task<double> MeasureAsync(ChatServer server, int occupants, int messages)
    {
        using (server)
        {
            await server.StartAsync(new ChatSetup(occupants));
            var clients = new List<ChatClient>();
            try
            {
                for (var i = 0; i < occupants; i++) clients.Add(await JoinAsync(server, i));
                // Whoever came first has seen everybody come.
                await Task.Delay(TimeSpan.FromSeconds(2));
                foreach (var client in clients) client.Forget();
                var clock = System.Diagnostics.Stopwatch.StartNew();
                do await SayAsync(clients, messages / 4);
                while (clock.Elapsed < WarmUp);
                var rates = new List<double>();
                for (var round = 0; round < Rounds; round++)
                {
                    var before = server.CpuTime;
                    await SayAsync(clients, messages);
                    rates.Add(occupants * messages / (server.CpuTime - before).TotalSeconds);
                }

                return rates.Order().ElementAt(Rounds / 2);
            }
            finally
            {
                foreach (var client in clients) client.Dispose();
            }
        }
    }

    private static async Task<ChatClient> JoinAsync(ChatServer server, int number)
    {
        var client = await ChatClient.LogInAsync(server.Port, $"u{number}", "r");
        await client.SendAsync($"<presence to='hall@rooms.localhost/n{number}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await client.ReadUntilAsync("code='110'", "code=\"110\"");
        if (number > 0) return client;
        await client.SendAsync("<iq type='set' id='c' to='hall@rooms.localhost'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        await client.ReadUntilAsync("id='c'", "id=\"c\"");
        return client;
    }

    // The first says it, and all hear it, the first too; a few are under way at a time.
    private static async Task SayAsync(List<ChatClient> clients, int messages)
    {
        var message = Encoding.UTF8.GetBytes("<message to='hall@rooms.localhost' type='groupchat' id='m'><body>The quick brown fox jumps over the lazy dog, and everybody in the room sees it do so.</body></message>");
        using var patience = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        using var room = new SemaphoreSlim(Window);
        var hearing = clients.Select((c, i) => Task.Run(() => HearAsync(c, messages, i == 0 ? room : null, patience.Token))).ToList();
        for (var sent = 0; sent < messages; sent++)
        {
            await room.WaitAsync(patience.Token);
            await clients[0].SendAsync(message);
        }

        await Task.WhenAll(hearing);
    }

    private static async Task HearAsync(ChatClient client, int messages, SemaphoreSlim? room, CancellationToken ct)
    {
        for (var come = 0; come < messages;)
        {
            var more = await client.CountMessagesAsync(ct);
            come += more;
            if (more > 0) room?.Release(more);
        }
    }
}
