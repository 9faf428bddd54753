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
        await queue.PostAsync(async () => await gate.Task, ct: Ct); // runs at once
        for (var i = 1; i <= 2; i++) await PostAsync(i);
        var third = PostAsync(3);
        Assert.False(third.IsCompleted);
        gate.SetResult();
        Assert.True(await third);
        await queue.CloseAsync(() => Note(4));
        Assert.Equal([1, 2, 3, 4], done);
        Assert.False(await PostAsync(5));
        Assert.Equal(4, done.Count);

        Task<bool> PostAsync(int i) => queue.PostAsync(() => Note(i), ct: Ct).AsTask();

        ValueTask Note(int i)
        {
            done.Add(i);
            return ValueTask.CompletedTask;
        }
    }

    [Fact]
    public async Task Bytes_count_too_but_one_piece_of_any_size_may_wait()
    {
        var queue = new SerialQueue(100, byteLimit: 1000);
        var gate = new TaskCompletionSource();
        var done = new List<int>();
        await queue.PostAsync(async () => await gate.Task, () => throw new InvalidOperationException("measured though it need not wait"), Ct);
        Assert.True(await PostAsync(1, 5000));
        var second = PostAsync(2, 1);
        var third = PostAsync(3, 999);
        Assert.False(second.IsCompleted || third.IsCompleted);
        gate.SetResult();
        Assert.True(await second && await third);
        await queue.CloseAsync(() => ValueTask.CompletedTask);
        Assert.Equal(1, done[0]);
        Assert.Equal([1, 2, 3], done.Order());

        Task<bool> PostAsync(int i, int bytes) => queue.PostAsync(() =>
        {
            done.Add(i);
            return ValueTask.CompletedTask;
        }, () => bytes, Ct).AsTask();
    }

    [Fact]
    public async Task Who_waits_for_room_in_a_queue_that_closes_is_turned_away()
    {
        var queue = new SerialQueue(1);
        var gate = new TaskCompletionSource();
        await queue.PostAsync(async () => await gate.Task, ct: Ct);
        await queue.PostAsync(() => ValueTask.CompletedTask, ct: Ct);
        var late = queue.PostAsync(() => throw new InvalidOperationException("ran"), ct: Ct).AsTask();
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
                }, ct: Ct);
            }
        }, Ct)));
        await queue.CloseAsync(() => ValueTask.CompletedTask);
        Assert.Equal((0, 4000), (overlaps, count));
    }
}
