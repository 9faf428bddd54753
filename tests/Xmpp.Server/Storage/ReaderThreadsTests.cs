using Microsoft.Data.Sqlite;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Xmpp.Server.Storage;

/// <summary>Threads that wait for a database elsewhere.</summary>
public sealed class ReaderThreadsTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_read_does_not_wait_for_another_while_a_thread_may_be_had()
    {
        for (var round = 0; round < 300; round++)
        {
            await using var threads = new ReaderThreads(Open);
            await threads.RunAsync(_ => 0, Ct);
            using var gate = new ManualResetEventSlim();
            var slow = new List<Task>();
            // One after another, each while the thread that ran the one before may not know yet that it is free.
            for (var i = 1; i < ReaderThreads.MaxThreads; i++)
            {
                slow.Add(threads.RunAsync(_ => gate.Wait(Patience), Ct).AsTask());
                Assert.Equal(i, await threads.RunAsync(_ => i, Ct).AsTask().WaitAsync(Patience, Ct));
            }

            gate.Set();
            await Task.WhenAll(slow);
        }
    }

    [Fact]
    public async Task A_read_that_comes_while_it_ends_is_done_or_refused()
    {
        for (var round = 0; round < 300; round++)
        {
            var threads = new ReaderThreads(Open);
            var reads = Enumerable.Range(0, 4).Select(i => Task.Run(async () =>
            {
                try
                {
                    return await threads.RunAsync(_ => i, Ct) == i;
                }
                catch (InvalidOperationException)
                {
                    return true;
                }
            }, Ct)).ToList();
            if (round % 2 == 0) await Task.Yield();
            await threads.DisposeAsync();
            Assert.All(await Task.WhenAll(reads).WaitAsync(Patience, Ct), Assert.True);
        }
    }

    private static SqliteConnection Open()
    {
        var connection = new SqliteConnection("Data Source=:memory:");
        connection.Open();
        return connection;
    }
}
