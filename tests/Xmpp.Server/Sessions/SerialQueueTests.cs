using Parley.Xmpp.Server.Sessions;

namespace Parley.tests.Xmpp.Server.Sessions;

/// <summary>One piece of work after another, bounded.</summary>
public sealed class SerialQueueTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Who_posts_into_a_full_queue_waits_for_room()
    {
        var queue = new SerialQueue(2);
        var gate = new TaskCompletionSource();
        var done = new List<int>();
        await queue.PostAsync(async () => await gate.Task, Ct); // runs at once
        for (var i = 1; i <= 2; i++) await PostAsync(i);
        var third = PostAsync(3);
        Assert.False(third.IsCompleted);
        gate.SetResult();
        Assert.True(await third);
        await queue.CloseAsync(() => Note(4));
        Assert.Equal([1, 2, 3, 4], done);
        Assert.False(await PostAsync(5));
        Assert.Equal(4, done.Count);

        Task<bool> PostAsync(int i) => queue.PostAsync(() => Note(i), Ct).AsTask();

        ValueTask Note(int i)
        {
            done.Add(i);
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task Who_waits_for_room_in_a_queue_that_closes_is_turned_away()
    {
        var queue = new SerialQueue(1);
        var gate = new TaskCompletionSource();
        await queue.PostAsync(async () => await gate.Task, Ct);
        await queue.PostAsync(() => ValueTask.CompletedTask, Ct);
        var late = queue.PostAsync(() => throw new InvalidOperationException("ran"), Ct).AsTask();
        var closing = queue.CloseAsync(() => ValueTask.CompletedTask).AsTask();
        gate.SetResult();
        await closing;
        Assert.False(await late);
    }

    [Fact]
    public async Task Work_of_many_threads_never_overlaps_and_none_is_lost()
    {
        var queue = new SerialQueue(10);
        var (running, overlaps, count) = (0, 0, 0);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < 500; i++)
            {
                await queue.PostAsync(async () =>
                {
                    if (Interlocked.Increment(ref running) != 1) Interlocked.Increment(ref overlaps);
                    if (count % 7 == 0) await Task.Yield();
                    count++;
                    Interlocked.Decrement(ref running);
                    if (count % 11 == 0) throw new InvalidOperationException("a piece that fails stops none behind it");
                }, Ct);
            }
        }, Ct)));
        await queue.CloseAsync(() => ValueTask.CompletedTask);
        Assert.Equal((0, 4000), (overlaps, count));
    }
}
