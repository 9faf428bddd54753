using System.Collections.Immutable;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>
/// A server that is killed while people chat: what it acknowledged is there, in the archives of both sides, and each message once; and whether or not there is an archive, it came to its
/// receiver as a message.
/// </summary>
[Collection(AloneTests.Name)]
public sealed class DurabilityTests : WireTest
{
    private const string Password = "correct horse";

    private static bool IsLong => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    private static (int Clients, int Kills) Size => IsLong ? (200, 50) : (8, 3);

    [Theory]
    [InlineData(false, true)]
    [InlineData(true, true)]
    [InlineData(false, false)]
    [InlineData(true, false)]
    public async Task Killed_at_any_moment_it_loses_nothing_that_it_acknowledged_and_stores_nothing_twice(bool onPostgreSql, bool hasArchive)
    {
        Assert.SkipWhen(onPostgreSql && !hasArchive && !IsLong, "The same with PARLEY_LONG=1.");
        string[] settings = ["--Media:Workers", "1", "--Turn:Enabled", "false", "--Plugins:Archive:Enabled", hasArchive ? "true" : "false", .. onPostgreSql ? (string[])["--Storage:Provider", "PostgreSql", "--Storage:ConnectionString", PostgreSqlCluster.Shared.MakeDatabase()] : []];
        var (count, kills) = Size;
        await StartAsync(settings);
        await Server.AddUsersAsync(Password, [.. Enumerable.Range(0, count).Select(i => $"user{i}@localhost")]);
        using var over = new CancellationTokenSource();
        var clients = Enumerable.Range(0, count).Select(i => new ChattingClient(Namespace, $"user{i}", Password, hasArchive)).ToImmutableArray();
        var running = clients.Select(c => Task.Run(() => c.RunAsync(over.Token))).ToArray();
        using var quiet = new CancellationTokenSource();
        var chatting = clients.Select((c, i) => Task.Run(() => ChatAsync(c, i, clients, quiet.Token))).ToArray();

        var random = new Random(4711);
        for (var kill = 0; kill < kills; kill++)
        {
            await Task.Delay(random.Next(500, IsLong ? 6000 : 2000), TestContext.Current.CancellationToken);
            Server.Command.Process.Kill(entireProcessTree: true);
            await Server.Command.Process.WaitForExitAsync(TestContext.Current.CancellationToken);
            await Server.StartAgainAsync(settings: settings);
        }

        await Task.Delay(1000, TestContext.Current.CancellationToken);
        await quiet.CancelAsync();
        await Task.WhenAll(chatting);
        for (var round = 0; clients.Any(c => c.Waiting > 0) && round < 600; round++) await Task.Delay(100, TestContext.Current.CancellationToken);
        Assert.Equal(0, clients.Sum(c => c.Waiting));
        Assert.Empty(clients.SelectMany(c => c.Errors));
        foreach (var client in clients) await client.CatchUpAsync();
        for (var round = 0; clients.Any(c => !HaveCome(c, clients)) && round < 100; round++) await Task.Delay(100, TestContext.Current.CancellationToken);
        await over.CancelAsync();
        await Task.WhenAll(running);
        Assert.Empty(clients.SelectMany(c => c.Errors));
        Judge(clients, hasArchive);
        foreach (var client in clients) client.Dispose();
    }

    private static ChattingClient ReceiverOf(string origin, ImmutableArray<ChattingClient> clients) => clients[int.Parse(origin.Split('-')[1], null)];

    private static bool HaveCome(ChattingClient client, ImmutableArray<ChattingClient> clients) => client.Acknowledged.All(o => ReceiverOf(o, clients).Live.ContainsKey(o));

    private static void Judge(ImmutableArray<ChattingClient> clients, bool hasArchive)
    {
        var acknowledged = 0;
        var again = 0;
        foreach (var client in clients)
        {
            Assert.All(client.Archived, entry => Assert.True(entry.Value.Distinct().Count() == 1, $"{entry.Key} is stored twice in the archive of {client.Jid}"));
            foreach (var origin in client.Acknowledged)
            {
                acknowledged++;
                var receiver = ReceiverOf(origin, clients);
                Assert.True(receiver.Live.TryGetValue(origin, out var live), $"{origin} never came to its receiver");
                if (live.Count > 1) again++;
                if (!hasArchive) continue;
                Assert.True(client.Archived.ContainsKey(origin), $"{origin} is missing from its sender's archive");
                Assert.True(receiver.Archived.TryGetValue(origin, out var entry), $"{origin} is missing from its receiver's archive");
                // However often it came, it came under one id.
                Assert.Equal([entry.First()], live.Distinct());
            }
        }

        Assert.True(acknowledged > clients.Length * 10, $"Only {acknowledged} messages were acknowledged.");
        TestContext.Current.TestOutputHelper?.WriteLine($"{acknowledged} messages acknowledged, {again} delivered again after a kill");
    }

    private static async Task ChatAsync(ChattingClient client, int own, ImmutableArray<ChattingClient> clients, CancellationToken quiet)
    {
        var random = new Random(own);
        for (var i = 0; !quiet.IsCancellationRequested; i++)
        {
            var other = (own + random.Next(1, clients.Length)) % clients.Length;
            // No more than a patient person has on the way.
            if (client.Waiting < 50) await client.SendAsync(clients[other].Jid, $"{own}-{other}-{i}");
            await Task.Delay(random.Next(5, IsLong ? 400 : 40), CancellationToken.None);
        }
    }
}
