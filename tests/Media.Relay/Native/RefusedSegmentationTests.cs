using Parley.Media.Relay.Native;

namespace Parley.tests.Media.Relay.Native;

/// <summary>Where a link is smaller than the segments, the kernel refuses UDP_SEGMENT and takes (and fragments) the single datagrams.</summary>
public class RefusedSegmentationTests
{
    [Fact]
    public void Segmentation_that_is_refused_is_not_tried_again_and_nothing_is_lost() => Isolated.Run("--net", "ip link set lo mtu 900 up", nameof(On_a_link_of_900_bytes));

    [Fact]
    public void Only_sizes_that_are_too_large_go_one_by_one_if_the_link_takes_others() => Isolated.Run("--net", "ip link set lo mtu 1350 up", nameof(On_a_link_of_1350_bytes));

    [Fact(Explicit = true)]
    public void On_a_link_of_900_bytes()
    {
        using var pair = new Pair();
        Assert.Equal([1200, 1200, 1200, 1200], pair.Send(1200));
        Assert.False(pair.Queue.UsesSegmentation);
        var calls = pair.Queue.Calls;
        Assert.Equal([1200, 1200, 1200, 1200], pair.Send(1200));
        Assert.Equal((0, 8, 0, 0), (pair.Queue.SegmentedMessages, pair.Queue.Sent, pair.Queue.Refused, pair.Queue.Dropped));
        Assert.Equal(1, pair.Queue.Calls - calls);
    }

    [Fact(Explicit = true)]
    public void On_a_link_of_1350_bytes()
    {
        using var pair = new Pair();
        Assert.Equal([1400, 1400, 1400, 1400], pair.Send(1400));
        Assert.True(pair.Queue.UsesSegmentation);
        Assert.Equal([1200, 1200, 1200, 1200], pair.Send(1200));
        Assert.Equal((1, 8, 0, 0), (pair.Queue.SegmentedMessages, pair.Queue.Sent, pair.Queue.Refused, pair.Queue.Dropped));
    }

    private sealed class Pair : IDisposable
    {
        private readonly UdpSocket _from = UdpTests.Open("127.0.0.1"), _to = UdpTests.Open("127.0.0.1");
        private readonly ReceiveBatch _batch = new();

        public Pair() => Queue = new(_from);

        public SendQueue Queue { get; }

        /// <summary>Sends four datagrams of a size and gives the lengths that arrive.</summary>
        public IEnumerable<int> Send(int size)
        {
            for (var i = 0; i < 4; i++) Queue.Send(new byte[size], default, _to.BoundAddress);
            Queue.Flush();
            return _batch.Receive(_to).ToArray().Select(d => d.Length);
        }

        public void Dispose()
        {
            Queue.Dispose();
            _batch.Dispose();
            _from.Dispose();
            _to.Dispose();
        }
    }
}
