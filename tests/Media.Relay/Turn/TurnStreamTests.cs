using System.Diagnostics;
using System.Net;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>Clients over TCP and TLS.</summary>
public sealed class TurnStreamTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Two_clients_over_streams_reach_each_other_with_every_length_padded(bool isTls)
    {
        using var host = new TurnHost();
        using StreamClient a = host.Connect("127.0.0.1:5001", isTls), b = host.Connect("127.0.0.1:5002", isTls);
        var (ann, bob) = (a.As("ann"), b.As("bob"));
        var (atAnn, atBob) = (ann.Allocate(), bob.Allocate());
        Assert.Equal((0, 0), (atAnn.Code, atBob.Code));
        Assert.Equal(AddressKey.Of(IPEndPoint.Parse("127.0.0.1:5001")), atAnn.Mapped);
        Assert.Equal(0, ann.Bind(0x4000, atBob.Relayed).Code);
        Assert.Equal(0, bob.Permit(atAnn.Relayed).Code);
        Assert.All(host.Relay.ReadLoads(), l => Assert.Equal(1, l.Allocations)); // a worker each

        for (var size = 1; size <= 40; size++)
        {
            var data = Enumerable.Range(0, size).Select(i => (byte)i).ToArray();
            a.Send(TurnClient.ChannelData(0x4000, data, Padding(size)));
            var indication = new TurnAnswer(b.Receive());
            Assert.Equal(data, indication.Get(StunAttribute.Data));
            b.Send(TurnClient.Send(atAnn.Relayed, data));
            Assert.Equal(TurnClient.ChannelData(0x4000, data, Padding(size)), a.Receive());
        }
    }

    [Fact]
    public void Bytes_one_by_one_and_many_messages_at_once_are_read_alike()
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        using var peer = host.Socket();
        using var stream = host.Connect();
        var client = stream.As("ann");
        client.Allocate();
        Assert.Equal(0, client.Bind(0x4000, AddressKey.Of((IPEndPoint)peer.LocalEndPoint!)).Code);

        foreach (var one in TurnClient.ChannelData(0x4000, "slow"u8)) stream.Send([one]);
        Assert.Equal("slow"u8, TurnHost.Receive(peer));
        stream.Send(Enumerable.Range(0, 100).SelectMany(i => TurnClient.ChannelData(0x4000, [(byte)i, 1, 2], 1)).ToArray());
        for (var i = 0; i < 100; i++) Assert.Equal([(byte)i, 1, 2], TurnHost.Receive(peer));
    }

    [Fact]
    public void When_the_connection_ends_so_does_its_allocation_and_a_new_one_inherits_nothing()
    {
        using var host = new TurnHost();
        using (var stream = host.Connect())
        {
            Assert.Equal(0, stream.As("ann").Allocate().Code);
            Assert.Equal((1L, 1), (host.Relay.ReadLoad().Allocations, host.Relay.Connections));
        }

        Assert.Equal((0L, 0), (host.Relay.ReadLoad().Allocations, host.Relay.Connections));
        using var again = host.Connect(); // from the same address and port
        Assert.Equal(437, again.As("ann").Refresh(600).Code);
        Assert.Equal(0, again.As("ann").Allocate().Code);
    }

    [Theory]
    [InlineData("GET / HTTP/1.1\r\n\r\n")]
    [InlineData("\u0016\u0003\u0001")]
    [InlineData("\u0000\u0001\u0000\u0000aaaa")]
    public async Task Who_speaks_something_else_is_let_go_without_an_answer(string words)
    {
        using var host = new TurnHost();
        using var stream = host.Connect();
        stream.Send(System.Text.Encoding.Latin1.GetBytes(words));
        await stream.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Relay.Connections);
    }

    [Fact]
    public async Task Who_makes_no_allocation_is_let_go_in_time_and_who_has_one_stays()
    {
        using var host = new TurnHost(idleMs: 500);
        using StreamClient silent = host.Connect("127.0.0.1:5001"), busy = host.Connect("127.0.0.1:5002"), half = host.Connect("127.0.0.1:5003");
        var client = busy.As("ann");
        Assert.Equal(0, client.Allocate().Code);
        half.Send([0, 1, 0]);
        await silent.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await half.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        await Task.Delay(2500, TestContext.Current.CancellationToken);
        Assert.Equal(0, client.Refresh(600).Code);

        // Its allocation given up, its time runs again.
        Assert.Equal(0, client.Refresh(0).Code);
        await busy.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_does_not_read_loses_relayed_data_and_no_answer_and_costs_a_bounded_room()
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        using var peer = host.Socket();
        using var stream = host.Connect();
        var client = stream.As("ann");
        var relayed = client.Allocate().Relayed;
        Assert.Equal(0, client.Bind(0x4000, AddressKey.Of((IPEndPoint)peer.LocalEndPoint!)).Code);

        var data = new byte[1000];
        for (var i = 0; i < 2000; i++)
        {
            peer.SendTo(data, relayed.ToIPEndPoint());
            if (i % 50 == 0) await Task.Delay(1, TestContext.Current.CancellationToken); // so that the relay's socket loses nothing
        }

        var load = await UntilAsync(() => host.Relay.ReadLoad(), l => l.Dropped["no room"] + l.ToClients == 2000);
        Assert.InRange(load.ToClients, 100, 330); // 64 KiB of the connection and twice 128 KiB of ours, at most
        // The answer waits behind all that was kept, whole.
        stream.Send(client.Request(StunMethod.Refresh, (ref StunWriter w) => w.AddUInt32(StunAttribute.Lifetime, 600)));
        for (var i = 0; i < load.ToClients; i++) Assert.Equal(TurnClient.ChannelData(0x4000, data), stream.Receive());
        Assert.Equal(0, new TurnAnswer(stream.Receive()).Code);
        peer.SendTo("on it goes"u8, relayed.ToIPEndPoint());
        Assert.Equal(TurnClient.ChannelData(0x4000, "on it goes"u8, 2), stream.Receive());
    }

    [Fact]
    public async Task A_client_that_asks_on_and_reads_nothing_is_cut()
    {
        using var host = new TurnHost();
        using var stream = host.Connect();
        var request = new StunWriter(new byte[100], StunClass.Request, StunMethod.Binding, new byte[12]);
        var requests = Enumerable.Repeat(request.Written.ToArray(), 500).SelectMany(r => r).ToArray();
        var sending = Task.Run(() =>
        {
            for (var i = 0; i < 100 && !stream.IsAborted; i++) stream.Send(requests);
        }, TestContext.Current.CancellationToken);
        await stream.Served.WaitAsync(TimeSpan.FromSeconds(10), TestContext.Current.CancellationToken);
        Assert.True(stream.IsAborted);
        await sending.ContinueWith(_ => { }, TaskScheduler.Default); // it found the pipe closed, or not
    }

    [Fact]
    public async Task An_address_has_so_many_connections_and_no_more()
    {
        using var host = new TurnHost(perAddress: 2);
        using StreamClient one = host.Connect("192.0.2.1:1"), two = host.Connect("192.0.2.1:2"), other = host.Connect("192.0.2.2:1");
        one.As("ann").Allocate();
        two.As("ann").Allocate();
        using (var three = host.Connect("192.0.2.1:3"))
        {
            await three.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
            Assert.True(three.IsAborted);
        }

        Assert.Equal(0, other.As("ann").Allocate().Code);
        Assert.Equal(1, host.Relay.RefusedConnections);
        two.Dispose();
        using var again = host.Connect("192.0.2.1:4");
        Assert.Equal(0, again.As("ann").Allocate().Code);
    }

    [Fact]
    public async Task The_relays_end_is_that_of_its_connections_and_of_those_that_come_later()
    {
        using var host = new TurnHost();
        using var before = host.Connect("127.0.0.1:5001");
        Assert.Equal(0, before.As("ann").Allocate().Code);
        host.Stop();
        await before.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        using var after = host.Connect("127.0.0.1:5002");
        await after.Served.WaitAsync(TimeSpan.FromSeconds(5), TestContext.Current.CancellationToken);
        Assert.Equal(0, host.Relay.Connections);
    }

    [Fact]
    public void A_datagram_client_and_a_stream_client_of_one_address_are_two()
    {
        using var host = new TurnHost();
        using var socket = host.Socket();
        using var stream = host.Connect(socket.LocalEndPoint!.ToString()!);
        var (datagrams, bytes) = (host.Client(socket).Allocate(), stream.As("bob").Allocate());
        Assert.Equal((0, 0), (datagrams.Code, bytes.Code));
        Assert.NotEqual(datagrams.Relayed, bytes.Relayed);
    }

    private static int Padding(int size) => -size & 3;

    private static async Task<T> UntilAsync<T>(Func<T> look, Func<T, bool> isEnough)
    {
        for (var clock = Stopwatch.StartNew(); ;)
        {
            var seen = look();
            if (isEnough(seen) || clock.Elapsed > TimeSpan.FromSeconds(5)) return seen;
            await Task.Delay(20, TestContext.Current.CancellationToken);
        }
    }
}
