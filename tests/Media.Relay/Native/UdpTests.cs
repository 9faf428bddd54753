using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;
using Parley.Media.Relay.Native;

namespace Parley.tests.Media.Relay.Native;

public class UdpTests
{
    private static AddressKey Anywhere => default;

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("::1")]
    public void A_datagram_arrives_with_both_addresses(string address)
    {
        using var from = Open(address);
        using var to = Open(address);
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        queue.Send("hello"u8, Anywhere, to.BoundAddress);
        queue.Flush();

        var received = Assert.Single(batch.Receive(to).ToArray());
        Assert.Equal("hello"u8, batch.Bytes(received));
        Assert.Equal(from.BoundAddress, received.Remote);
        Assert.Equal(to.BoundAddress, received.Local);
        Assert.Empty(batch.Receive(to).ToArray());
        Assert.Equal(1, queue.Sent);
    }

    [Theory]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.7")]
    [InlineData("::", "127.0.0.7")]
    [InlineData("::", "::1")]
    public void A_socket_bound_to_any_address_tells_which_was_asked_and_answers_from_it(string bound, string asked)
    {
        using var server = Open(bound);
        using var client = Open(asked.Contains(':') ? "::1" : "127.0.0.1");
        using var serverQueue = new SendQueue(server);
        using var clientQueue = new SendQueue(client);
        using var batch = new ReceiveBatch();
        var address = AddressKey.Of(new(IPAddress.Parse(asked), server.Port));
        clientQueue.Send("ask"u8, Anywhere, address);
        clientQueue.Flush();

        var question = Assert.Single(batch.Receive(server).ToArray());
        Assert.Equal(address, question.Local);
        Assert.Equal(client.BoundAddress, question.Remote);
        // Two of one size, so that the segmented form answers from there too.
        serverQueue.Send("yes"u8, question.Local, question.Remote);
        serverQueue.Send("yes"u8, question.Local, question.Remote);
        serverQueue.Flush();

        var answers = batch.Receive(client).ToArray();
        Assert.Equal(2, answers.Length);
        Assert.All(answers, answer => Assert.Equal(address, answer.Remote));
        Assert.Equal(1, serverQueue.SegmentedMessages);
    }

    [Fact]
    public void A_taken_port_says_so()
    {
        using var first = Open("127.0.0.1");
        var error = Assert.Throws<SocketException>(() => UdpSocket.Open(new(IPAddress.Loopback, first.Port)));
        Assert.Equal(SocketError.AddressAlreadyInUse, error.SocketErrorCode);
        Assert.Contains($"127.0.0.1:{first.Port}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_address_of_another_machine_cannot_be_bound()
    {
        var error = Assert.Throws<SocketException>(() => UdpSocket.Open(new(IPAddress.Parse("192.0.2.1"), 0)));
        Assert.Equal(SocketError.AddressNotAvailable, error.SocketErrorCode);
    }

    [Fact]
    public void Sockets_may_share_a_port_if_both_want_it()
    {
        using var first = UdpSocket.Open(new(IPAddress.Loopback, 0), reusePort: true);
        using var second = UdpSocket.Open(new(IPAddress.Loopback, first.Port), reusePort: true);
        Assert.Equal(first.Port, second.Port);
    }

    [Fact]
    public void An_unreachable_port_does_not_harm_the_socket()
    {
        using var socket = Open("127.0.0.1");
        var gone = Open("127.0.0.1");
        var address = gone.BoundAddress;
        gone.Dispose();
        using var queue = new SendQueue(socket);
        using var batch = new ReceiveBatch();
        for (var i = 0; i < 3; i++)
        {
            queue.Send("anyone?"u8, Anywhere, address);
            queue.Flush();
            Assert.Empty(batch.Receive(socket).ToArray());
        }

        queue.Send("self"u8, Anywhere, socket.BoundAddress);
        queue.Flush();
        Assert.Single(batch.Receive(socket).ToArray());
        Assert.Equal(0, queue.Refused);
    }

    [Fact]
    public void What_is_longer_than_a_slot_is_dropped_and_counted()
    {
        using var to = Open("127.0.0.1");
        using var from = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var batch = new ReceiveBatch();
        from.SendTo(new byte[ReceiveBatch.SlotSize + 1], to.BoundAddress.ToIPEndPoint());
        from.SendTo(new byte[ReceiveBatch.SlotSize], to.BoundAddress.ToIPEndPoint());
        Assert.Equal(ReceiveBatch.SlotSize, Assert.Single(batch.Receive(to).ToArray()).Length);
        Assert.Equal(1, batch.TooLong);
    }

    [Fact]
    public void More_than_a_batch_comes_with_the_next_call()
    {
        using var from = Open("127.0.0.1");
        using var to = Open("127.0.0.1");
        using var queue = new SendQueue(from, 16);
        using var batch = new ReceiveBatch();
        for (var i = 0; i < 100; i++) queue.Send([(byte)i], Anywhere, to.BoundAddress);
        queue.Flush();
        Assert.Equal(100, queue.Sent);
        var bytes = new List<byte>();
        while (batch.Receive(to) is { Length: > 0 } some)
        {
            foreach (ref readonly var datagram in some) bytes.Add(batch.Bytes(datagram)[0]);
        }

        Assert.Equal(Enumerable.Range(0, 100).Select(i => (byte)i), bytes);
    }

    [Theory]
    [InlineData("127.0.0.1", "127.0.0.1")]
    [InlineData("0.0.0.0", "127.0.0.1")]
    [InlineData("::", "::1")]
    public void One_datagram_at_a_time_arrives_as_in_a_batch(string bound, string asked)
    {
        using var from = Open(asked);
        using var to = UdpSocket.Open(new(IPAddress.Parse(bound), 0), tellLocal: false);
        using var queue = new SendQueue(from);
        using var batch = new ReceiveBatch();
        foreach (var datagram in (byte[][])[[1], [2, 2], [], [4], [5]]) queue.Send(datagram, Anywhere, AddressKey.Of(new(IPAddress.Parse(asked), to.Port)));
        queue.Flush();
        foreach (var length in (int[])[1, 2, 0])
        {
            var received = Assert.Single(batch.ReceiveOne(to).ToArray());
            Assert.Equal((length, from.BoundAddress, to.BoundAddress), (received.Length, received.Remote, received.Local));
        }

        var rest = batch.Receive(to).ToArray();
        Assert.Equal([4, 5], rest.Select(d => batch.Bytes(d)[0]));
        Assert.All(rest, d => Assert.Equal((from.BoundAddress, to.BoundAddress), (d.Remote, d.Local)));
        Assert.Empty(batch.ReceiveOne(to).ToArray());
    }

    [Fact]
    public void One_datagram_that_is_too_long_is_dropped_and_counted()
    {
        using var to = Open("127.0.0.1");
        using var from = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        using var batch = new ReceiveBatch();
        from.SendTo(new byte[ReceiveBatch.SlotSize + 1], to.BoundAddress.ToIPEndPoint());
        from.SendTo(new byte[ReceiveBatch.SlotSize], to.BoundAddress.ToIPEndPoint());
        Assert.Empty(batch.ReceiveOne(to).ToArray());
        Assert.Equal(ReceiveBatch.SlotSize, Assert.Single(batch.ReceiveOne(to).ToArray()).Length);
        Assert.Equal(1, batch.TooLong);
    }

    [Fact]
    public void A_socket_that_tells_local_addresses_tells_them_of_a_single_datagram_too()
    {
        using var server = Open("0.0.0.0");
        using var client = Open("127.0.0.1");
        using var queue = new SendQueue(client);
        using var batch = new ReceiveBatch();
        var address = AddressKey.Of(new(IPAddress.Parse("127.0.0.7"), server.Port));
        queue.Send("ask"u8, Anywhere, address);
        queue.Flush();
        Assert.Equal(address, Assert.Single(batch.ReceiveOne(server).ToArray()).Local);
    }

    /// <summary>The kernel writes into a batch's headers, and a batch serves sockets of both kinds and families in turn.</summary>
    [Fact]
    public void A_batch_that_was_used_by_other_sockets_forgets_nothing()
    {
        using var batch = new ReceiveBatch();
        using var sender = Open("127.0.0.1");
        using var sender6 = Open("::1");
        using var queue = new SendQueue(sender);
        using var queue6 = new SendQueue(sender6);
        using var plain = Open("127.0.0.1");
        using var any = Open("0.0.0.0");
        using var plain6 = Open("::1");
        var asked = AddressKey.Of(new(IPAddress.Parse("127.0.0.7"), any.Port));
        foreach (var count in (int[])[1, 64, 3, 30, 2])
        {
            for (var i = 0; i < count; i++)
            {
                queue.Send([(byte)i], Anywhere, plain.BoundAddress);
                queue.Send([(byte)i], Anywhere, asked);
                queue6.Send([(byte)i], Anywhere, plain6.BoundAddress);
            }

            queue.Flush();
            queue6.Flush();
            Assert.Equal(Enumerable.Repeat((sender.BoundAddress, plain.BoundAddress), count), batch.Receive(plain).ToArray().Select(d => (d.Remote, d.Local)));
            Assert.Equal(Enumerable.Repeat((sender6.BoundAddress, plain6.BoundAddress), count), batch.Receive(plain6).ToArray().Select(d => (d.Remote, d.Local)));
            Assert.Equal(Enumerable.Repeat((sender.BoundAddress, asked), count), batch.Receive(any).ToArray().Select(d => (d.Remote, d.Local)));
            Assert.Empty(batch.Receive(any).ToArray());
        }
    }

    [Fact]
    public void Epoll_tells_the_readable_descriptor_and_an_event_wakes_it()
    {
        using var socket = Open("127.0.0.1");
        using var wake = new EventFd();
        using var epoll = new Epoll();
        using var queue = new SendQueue(socket);
        epoll.Add(socket.Fd, 0x1_0000_0007);
        epoll.Add(wake.Fd, -2);
        Assert.Equal(0, epoll.Wait(0));

        queue.Send("x"u8, Anywhere, socket.BoundAddress);
        queue.Flush();
        Assert.Equal(1, epoll.Wait(1000));
        Assert.Equal((0x1_0000_0007, EpollEvents.Readable), (epoll.Tag(0), epoll.Events(0)));

        epoll.Modify(socket.Fd, 9, EpollEvents.None);
        using var cancel = new Timer(_ => wake.Signal(), null, 20, Timeout.Infinite);
        Assert.Equal(1, epoll.Wait(5000));
        Assert.Equal(-2, epoll.Tag(0));
        Assert.Throws<ArgumentOutOfRangeException>(() => epoll.Tag(1));
        wake.Drain();
        Assert.Equal(0, epoll.Wait(0));

        epoll.Modify(socket.Fd, 9, EpollEvents.Readable | EpollEvents.Writable);
        Assert.Equal(1, epoll.Wait(0));
        Assert.Equal((9, EpollEvents.Readable | EpollEvents.Writable), (epoll.Tag(0), epoll.Events(0)));
        epoll.Remove(socket.Fd);
        Assert.Equal(0, epoll.Wait(0));
        Assert.Throws<SocketException>(() => epoll.Remove(socket.Fd));
    }

    [Fact]
    public void A_signal_after_the_end_is_no_error()
    {
        var wake = new EventFd();
        wake.Dispose();
        wake.Signal();
    }

    internal static UdpSocket Open(string address) => UdpSocket.Open(new(IPAddress.Parse(address), 0));
}

internal static class Sending
{
    public static void Send(this SendQueue queue, ReadOnlySpan<byte> datagram, AddressKey local, AddressKey remote)
    {
        datagram.CopyTo(queue.Reserve());
        queue.Commit(datagram.Length, local, remote);
    }
}
