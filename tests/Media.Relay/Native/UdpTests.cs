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
