using Parley.Media.Control;
using Parley.Media.Relay;

namespace Parley.tests.Media.Relay.Workers;

public sealed class EventHubTests
{
    [Fact]
    public async Task A_watcher_that_falls_behind_is_told_and_goes_on_from_there()
    {
        var hub = new EventHub("e", capacity: 3);
        var events = hub.Watch(TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++) Say(hub, i);
        await using var reader = events.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        var seen = new List<string>();
        for (var i = 0; i < 4; i++)
        {
            Assert.True(await reader.MoveNextAsync());
            seen.Add(reader.Current is TransportConnected c ? c.TransportId : reader.Current.GetType().Name);
        }

        Assert.Equal(["0", "1", "2", nameof(EventsLost)], seen);
        Say(hub, 11);
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal("11", Assert.IsType<TransportConnected>(reader.Current).TransportId);
    }

    [Fact]
    public async Task Whoever_watches_too_late_is_not_kept_waiting()
    {
        var hub = new EventHub("e");
        hub.Complete();
        await using var reader = hub.Watch(TestContext.Current.CancellationToken).GetAsyncEnumerator(TestContext.Current.CancellationToken);
        Assert.False(await reader.MoveNextAsync().AsTask().WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken));
    }

    [Fact]
    public async Task Watchers_do_not_share_a_queue_and_end_with_the_relay()
    {
        var hub = new EventHub("e", capacity: 3);
        var (slow, fast) = (hub.Watch(TestContext.Current.CancellationToken), hub.Watch(TestContext.Current.CancellationToken));
        await using var reader = fast.GetAsyncEnumerator(TestContext.Current.CancellationToken);
        for (var i = 0; i < 10; i++)
        {
            Say(hub, i);
            Assert.True(await reader.MoveNextAsync());
            Assert.IsType<TransportConnected>(reader.Current);
        }

        hub.Complete();
        Assert.False(await reader.MoveNextAsync());
        var left = 0;
        await foreach (var _ in slow) left++;
        Assert.Equal(4, left);
    }

    private static void Say(EventHub hub, int i) => hub.Publish(epoch => new TransportConnected(epoch, "c", "e", $"{i}"));
}
