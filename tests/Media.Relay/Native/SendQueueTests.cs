using Parley.Media.Core;
using Parley.Media.Relay.Native;
using Parley.tests.Media.Core;

namespace Parley.tests.Media.Relay.Native;

public class SendQueueTests
{
    private const int Frame = 8, Receivers = 10, Size = 1200;

    /// <summary>Fan-out writes the first packet for all receivers, then the second, and so on.</summary>
    [Fact]
    public void A_frame_to_many_receivers_is_one_segmented_message_each_and_stays_in_order()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        var receivers = Enumerable.Range(0, Receivers).Select(_ => UdpTests.Open("127.0.0.1")).ToList();
        for (var packet = 0; packet < Frame; packet++)
        {
            foreach (var receiver in receivers) Queue(queue, packet, receivers.IndexOf(receiver), packet == Frame - 1 ? Size / 2 : Size, receiver.BoundAddress);
        }

        queue.Flush();
        Assert.Equal((1, Receivers, Frame * Receivers), (queue.Calls, queue.SegmentedMessages, queue.Sent));
        Assert.True(queue.UsesSegmentation);
        for (var r = 0; r < Receivers; r++)
        {
            var received = batch.Receive(receivers[r]).ToArray();
            Assert.Equal(Enumerable.Range(0, Frame).Select(p => ((byte)p, (byte)r, p == Frame - 1 ? Size / 2 : Size)),
                received.Select(d => (batch.Bytes(d)[0], batch.Bytes(d)[1], d.Length)));
            receivers[r].Dispose();
        }
    }

    [Fact]
    public void Any_mixture_of_sizes_arrives_in_order_at_each_destination()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from, 300);
        using var batch = new ReceiveBatch();
        var random = new Random(7);
        var receivers = Enumerable.Range(0, 3).Select(_ => UdpTests.Open("127.0.0.1")).ToList();
        var expected = receivers.Select(_ => new List<(int, int)>()).ToList();
        for (var i = 0; i < 250; i++)
        {
            // Few sizes, so that there are runs, rises and falls; a datagram may be empty too.
            var (r, size) = (random.Next(3), random.Next(6) switch { 0 => 700, 1 => 40, 2 when i > 100 => 2, _ => 900 });
            Queue(queue, i, r, size, receivers[r].BoundAddress);
            expected[r].Add((i, size));
        }

        queue.Flush();
        Assert.Equal(250, queue.Sent);
        Assert.InRange(queue.SegmentedMessages, 10, 120);
        for (var r = 0; r < 3; r++)
        {
            var actual = new List<(int, int)>();
            while (batch.Receive(receivers[r]) is { Length: > 0 } some)
            {
                foreach (var datagram in some) actual.Add((batch.Bytes(datagram)[0], datagram.Length));
            }

            Assert.Equal(expected[r], actual);
            receivers[r].Dispose();
        }
    }

    [Fact]
    public void Empty_datagrams_pass_by_themselves()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        foreach (var size in (int[])[5, 0, 0, 5, 5, 0])
        {
            queue.Send(new byte[size], default, to.BoundAddress);
        }

        queue.Flush();
        Assert.Equal([5, 0, 0, 5, 5, 0], batch.Receive(to).ToArray().Select(d => d.Length));
    }

    [Fact]
    public void More_than_the_kernel_segments_at_once_goes_in_several_messages()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        for (var i = 0; i < 200; i++) Queue(queue, i, 0, i < 100 ? 1400 : 100, to.BoundAddress);
        queue.Flush();
        Assert.Equal((200, 0), (queue.Sent, queue.Refused));
        // 46 datagrams of 1,400 bytes fit; three of them with the first of the small ones as the shorter end, then the small ones by 64.
        Assert.Equal(5, queue.SegmentedMessages);
        var seen = 0;
        while (batch.Receive(to) is { Length: > 0 } some)
        {
            foreach (var datagram in some) Assert.Equal((byte)seen++, batch.Bytes(datagram)[0]);
        }

        Assert.Equal(200, seen);
    }

    [Fact]
    public void Without_segmentation_everything_goes_one_by_one()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from, segmentation: false);
        using var batch = new ReceiveBatch();
        for (var i = 0; i < 20; i++) Queue(queue, i, 0, Size, to.BoundAddress);
        queue.Flush();
        Assert.Equal((20, 0, 1), (queue.Sent, queue.SegmentedMessages, queue.Calls));
        Assert.Equal(20, batch.Receive(to).Length);
    }

    [Fact]
    public void What_cannot_be_sent_is_counted_and_holds_up_nothing()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        var nowhere = to.BoundAddress with { Port = 0 };
        var ipv6 = AddressKey.Of(new(System.Net.IPAddress.IPv6Loopback, to.Port));
        for (var i = 0; i < 2; i++)
        {
            Queue(queue, i, 0, 10, nowhere);
            Queue(queue, i, 0, 10, ipv6);
            Queue(queue, i, 0, 10, to.BoundAddress);
        }

        queue.Flush();
        Assert.Equal((4, 2), (queue.Refused, queue.Sent));
        Assert.Equal(2, batch.Receive(to).Length);
        // An impossible destination is no proof against segmentation.
        Assert.True(queue.UsesSegmentation);
    }

    [Fact]
    public void A_single_datagram_that_cannot_be_sent_is_counted_too()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        foreach (var remote in new[] { to.BoundAddress with { Port = 0 }, AddressKey.Of(new(System.Net.IPAddress.IPv6Loopback, to.Port)), to.BoundAddress })
        {
            Queue(queue, 7, 0, 10, remote);
            queue.Flush();
            Assert.Equal(0, queue.Count);
        }

        Assert.Equal((2, 1, 0), (queue.Refused, queue.Sent, queue.Dropped));
        Assert.Equal(7, batch.Bytes(Assert.Single(batch.ReceiveOne(to).ToArray()))[0]);
    }

    [Fact]
    public void Single_datagrams_allocate_nothing_either_way()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var to = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        var (rounds, seen) = (0, 0);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++, rounds++)
            {
                Queue(queue, 1, 2, Size, to.BoundAddress);
                queue.Flush();
                seen += batch.ReceiveOne(to).Length;
            }
        }));
        Assert.Equal(rounds, seen);
    }

    [Fact]
    public void Sending_and_receiving_allocate_nothing()
    {
        using var from = UdpTests.Open("127.0.0.1");
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        var receivers = Enumerable.Range(0, Receivers).Select(_ => UdpTests.Open("127.0.0.1")).ToArray();
        var (rounds, seen) = (0, 0);
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 100; i++, rounds++) seen += Round(queue, batch, receivers);
        }));

        Assert.Equal(rounds * Frame * Receivers, seen);
        foreach (var receiver in receivers) receiver.Dispose();
    }

    private static int Round(SendQueue queue, ReceiveBatch batch, UdpSocket[] receivers)
    {
        for (var packet = 0; packet < Frame; packet++)
        {
            for (var r = 0; r < receivers.Length; r++) Queue(queue, packet, r, Size, receivers[r].BoundAddress);
        }

        queue.Flush();
        var seen = 0;
        foreach (var receiver in receivers) seen += batch.Receive(receiver).Length;
        return seen;
    }

    private static void Queue(SendQueue queue, int first, int second, int length, AddressKey remote)
    {
        var room = queue.Reserve();
        (room[0], room[1]) = ((byte)first, (byte)second);
        queue.Commit(length, default, remote);
    }
}
