using Microsoft.Extensions.Time.Testing;
using Parley.Xmpp.Server.Streams.Management;

namespace Parley.tests.Xmpp.Server.Streams;

/// <summary>XEP-0198 section 4: how many of the client's stanzas are handled.</summary>
public sealed class HandledCountTests
{
    private readonly HandledCount _count = new();

    [Fact]
    public void An_early_answer_counts_only_once_those_before_it_are_handled()
    {
        Take(3);
        _count.Handled(2);
        Assert.Equal(0u, _count.Value);
        _count.Handled(1);
        Assert.Equal((2u, 4u), (_count.Value, _count.Next));
    }

    [Fact]
    public async Task Whoever_goes_waits_until_all_is_handled_but_not_forever()
    {
        Take(2);
        var time = new FakeTimeProvider();
        var settling = _count.SettleAsync(TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken).AsTask();
        _count.Handled(2);
        Assert.False(settling.IsCompleted);
        _count.Handled(1);
        await settling.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(_count.SettleAsync(TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken).AsTask().IsCompleted);
        Take(1);
        settling = _count.SettleAsync(TimeSpan.FromSeconds(5), time, TestContext.Current.CancellationToken).AsTask();
        time.Advance(TimeSpan.FromSeconds(5));
        await settling.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.Equal(2u, _count.Value);
    }

    [Fact]
    public void What_was_vouched_for_does_not_count_again()
    {
        Take(4);
        _count.Handled(1);
        _count.Handled(3);
        Assert.Equal(4u, _count.Vouch());
        foreach (var late in new uint[] { 2, 3, 4 }) _count.Handled(late);
        Assert.Equal(4u, _count.Value);
        Take(1);
        Assert.Equal(4u, _count.Value);
        _count.Handled(5);
        Assert.Equal(5u, _count.Value);
    }

    [Fact]
    public void A_stanza_may_be_handled_before_it_is_taken()
    {
        _count.Handled(_count.Next);
        Assert.Equal(1u, _count.Value);
        Assert.Equal(1u, _count.Vouch());
        Take(1);
        Assert.Equal((1u, 2u), (_count.Value, _count.Next));
    }

    [Fact]
    public void In_whatever_order_they_are_handled_all_count_in_the_end()
    {
        var random = new Random(198);
        for (var round = 0; round < 200; round++)
        {
            var count = new HandledCount();
            var most = random.Next(1, 12);
            var order = Enumerable.Range(1, most).Select(i => (uint)i).ToArray();
            random.Shuffle(order);
            for (var i = 0; i < most; i++) count.Taken();
            var done = new HashSet<uint>();
            foreach (var number in order)
            {
                count.Handled(number);
                done.Add(number);
                uint expected = 0;
                while (done.Contains(expected + 1)) expected++;
                Assert.Equal(expected, count.Value);
            }
        }
    }

    private void Take(int count)
    {
        for (var i = 0; i < count; i++) _count.Taken();
    }
}
