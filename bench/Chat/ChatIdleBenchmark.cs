using System.Globalization;

namespace Parley.bench.Chat;

/// <summary>
/// What a client costs that is logged in and says nothing: the growth of resident memory for each connection, after a minute's rest; and on the way what logging in costs.
/// Plaintext on loopback, and then by TLS, against Debian's Prosody and ejabberd in the same run.
/// </summary>
internal static class ChatIdleBenchmark
{
    private const int Accounts = 250, Before = 50;

    public static void Run(bool isLong) => RunAsync(isLong ? 10_000 : 1_000, TimeSpan.FromSeconds(isLong ? 60 : 15)).GetAwaiter().GetResult();

    private static async Task RunAsync(int connections, TimeSpan rest)
    {
        var (ours, prosody) = await RunAsync(connections, rest, hasTls: false);
        await RunAsync(connections, rest, hasTls: true);
        Print(null, ours, prosody, "better=lower");
    }

    private static async Task<(double Ours, double Prosody)> RunAsync(int connections, TimeSpan rest, bool hasTls)
    {
        var ours = await MeasureAsync(new ParleyChat(), connections, rest, hasTls);
        var prosody = await MeasureAsync(new ProsodyChat(), connections, rest, hasTls);
        var ejabberd = await MeasureAsync(new EjabberdChat(), connections, rest, hasTls);
        var tls = hasTls ? "-tls" : "";
        Print("log-ins" + tls, ours.LogIns, Math.Max(prosody.LogIns, ejabberd.LogIns), $"prosody={prosody.LogIns:0} ejabberd={ejabberd.LogIns:0} better=higher");
        Print($"bytes-{connections}{tls}", ours.Bytes, prosody.Bytes, $"prosody={prosody.Bytes:0} ejabberd={ejabberd.Bytes:0}");
        return (ours.Bytes, prosody.Bytes);
    }

    private static void Print(string? name, double ours, double reference, FormattableString more) => Print(name, ours, reference, more.ToString(CultureInfo.InvariantCulture));

    private static void Print(string? name, double ours, double reference, string more) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"result chat-idle-memory{(name is null ? "" : "/" + name)} ours={ours:0} reference={reference:0} ratio={ours / reference:0.000} {more}"));

    private static async Task<(double Bytes, double LogIns)> MeasureAsync(ChatServer server, int connections, TimeSpan rest, bool hasTls)
    {
        using (server)
        {
            await server.StartAsync(new ChatSetup(Accounts, HasTls: hasTls));
            var clients = new List<ChatClient>();
            try
            {
                // What the first clients make a runtime load is no cost of theirs.
                for (var i = 0; i < Before; i++) clients.Add(await ChatClient.LogInAsync(server.Port, $"u{i % Accounts}", $"before{i}", hasTls));
                await Task.Delay(TimeSpan.FromSeconds(3));
                var (memory, time) = (server.ResidentBytes, server.CpuTime);
                await Parallel.ForEachAsync(Enumerable.Range(0, connections), new ParallelOptions { MaxDegreeOfParallelism = 8 }, async (i, ct) =>
                {
                    var client = await ChatClient.LogInAsync(server.Port, $"u{i % Accounts}", $"r{i}", hasTls);
                    lock (clients) clients.Add(client);
                });
                var logIns = connections / (server.CpuTime - time).TotalSeconds;
                await Task.Delay(rest);
                return ((server.ResidentBytes - memory) / (double)connections, logIns);
            }
            finally
            {
                foreach (var client in clients) client.Dispose();
            }
        }
    }
}
