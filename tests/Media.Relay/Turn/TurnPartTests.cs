using System.Net;
using System.Net.Sockets;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Relay.Turn;
using Parley.Media.Relay.Workers;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

public sealed class TurnPartTests
{
    [Fact]
    public void Two_workers_serve_one_port_and_hand_reserved_ports_to_each_other()
    {
        using var host = new TurnHost();
        var clients = Enumerable.Range(0, 16).Select(_ => host.Socket()).Select(s => (Socket: s, Client: host.Client(s))).ToList();
        var tokens = clients.Select(c => c.Client.Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [0x80]))).ToList();
        Assert.All(tokens, t => Assert.Equal(0, t.Code));
        Assert.Equal(16, host.Relay.ReadLoad().Allocations);

        // 16 five-tuples on two workers: by now both have some, and a token goes to whatever worker the next client's is on.
        Assert.All(host.Relay.ReadLoads(), l => Assert.InRange(l.Allocations, 1, 15));
        foreach (var token in tokens)
        {
            using var socket = host.Socket();
            var answer = host.Client(socket).Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, token.Token));
            Assert.Equal((0, token.Relayed.Port + 1), (answer.Code, answer.Relayed.Port));
            socket.SendTo(TurnClient.ChannelData(0x4000, "x"u8), host.EndPoint);
        }

        Assert.All(clients, c => Assert.Equal(0, c.Client.Refresh(0).Code));
        foreach (var (socket, _) in clients) socket.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(2000)]
    public void Data_passes_between_two_clients_in_both_forms(int size)
    {
        using var host = new TurnHost();
        using Socket a = host.Socket(), b = host.Socket();
        var (ann, bob) = (host.Client(a), host.Client(b, "bob"));
        var (atAnn, atBob) = (ann.Allocate().Relayed, bob.Allocate().Relayed);
        Assert.Equal(0, ann.Bind(0x4000, atBob).Code);
        Assert.Equal(0, bob.Permit(atAnn).Code);
        var data = new byte[size];
        new Random(size).NextBytes(data);
        for (var i = 0; i < 50; i++)
        {
            a.SendTo(TurnClient.ChannelData(0x4000, data), host.EndPoint);
            var indication = new TurnAnswer(TurnHost.Receive(b));
            Assert.Equal(data, indication.Get(StunAttribute.Data));
            Assert.True(indication.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var from));
            Assert.Equal(atAnn, from);
            b.SendTo(TurnClient.Send(atAnn, data), host.EndPoint);
            Assert.Equal(TurnClient.ChannelData(0x4000, data), TurnHost.Receive(a));
        }

        var load = host.Relay.ReadLoad();
        Assert.Equal((100, 100, 200L * size), (load.ToPeers, load.ToClients, load.Bytes));
    }

    /// <summary>A relay port takes a datagram by itself where there is one, and batches where there are more.</summary>
    [Fact]
    public void A_peers_bursts_arrive_whole_and_in_order()
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        using Socket socket = host.Socket(), peer = host.Socket();
        var client = host.Client(socket);
        var relayed = client.Allocate().Relayed.ToIPEndPoint();
        Assert.Equal(0, client.Bind(0x4000, AddressKey.Of((IPEndPoint)peer.LocalEndPoint!)).Code);
        byte sent = 0, seen = 0;
        foreach (var burst in (int[])[1, 1, 2, 70, 1, 1, 150, 3, 1])
        {
            for (var i = 0; i < burst; i++) peer.SendTo([sent++], relayed);
            for (var i = 0; i < burst; i++) Assert.Equal(TurnClient.ChannelData(0x4000, [seen++]), TurnHost.Receive(socket));
        }

        Assert.Equal(230, host.Relay.ReadLoad().ToClients);
    }

    [Fact]
    public void By_default_the_loopback_server_relays_to_its_media_ports_and_to_nothing_else_here()
    {
        using var service = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        service.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var media = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp) { ReceiveTimeout = 10_000 };
        media.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        using var host = new TurnHost(media: [(IPEndPoint)media.LocalEndPoint!]);
        using var socket = host.Socket();
        var client = host.Client(socket);
        client.Allocate();
        Assert.Equal(403, client.Bind(0x4000, TurnWorld.At("127.0.0.1:22")).Code);
        Assert.Equal(403, client.Permit(TurnWorld.At("10.0.0.1:22")).Code);
        var there = AddressKey.Of((IPEndPoint)service.LocalEndPoint!);
        Assert.Equal(0, client.Permit(there).Code);
        Assert.Equal(403, client.Bind(0x4000, there).Code);
        socket.SendTo(TurnClient.Send(there, "x"u8), host.EndPoint);

        var reached = AddressKey.Of((IPEndPoint)media.LocalEndPoint!);
        Assert.Equal(0, client.Bind(0x4000, reached).Code);
        socket.SendTo(TurnClient.ChannelData(0x4000, "media"u8), host.EndPoint);
        EndPoint from = new IPEndPoint(IPAddress.Any, 0);
        var buffer = new byte[100];
        Assert.Equal("media", Encoding.ASCII.GetString(buffer, 0, media.ReceiveFrom(buffer, ref from)));
        media.SendTo("back"u8, from);
        Assert.Equal(TurnClient.ChannelData(0x4000, "back"u8), TurnHost.Receive(socket));
        Assert.Equal(0, service.Available);
        Assert.Equal(1, host.Relay.ReadLoad().Dropped["refused peer"]);
    }

    [Fact]
    public void A_peer_that_is_gone_ends_nothing()
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        using var socket = host.Socket();
        var client = host.Client(socket);
        var relayed = client.Allocate().Relayed;
        using var peer = host.Socket();
        var closed = TurnWorld.At("127.0.0.1:9"); // nobody listens: the kernel answers with ICMP
        Assert.Equal(0, client.Bind(0x4000, closed).Code);
        Assert.Equal(0, client.Bind(0x4001, AddressKey.Of((IPEndPoint)peer.LocalEndPoint!)).Code);
        for (var i = 0; i < 20; i++)
        {
            socket.SendTo(TurnClient.ChannelData(0x4000, "x"u8), host.EndPoint);
            socket.SendTo(TurnClient.ChannelData(0x4001, "y"u8), host.EndPoint);
            Assert.Equal("y"u8, TurnHost.Receive(peer));
            Assert.NotEmpty(new TurnAnswer(TurnHost.Receive(socket)).Get(StunAttribute.Icmp));
            peer.SendTo("z"u8, relayed.ToIPEndPoint());
            Assert.Equal(TurnClient.ChannelData(0x4001, "z"u8), TurnHost.Receive(socket));
        }
    }

    [Fact]
    public void A_client_that_is_gone_ends_nothing()
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        using var peer = host.Socket();
        var socket = host.Socket();
        var client = host.Client(socket);
        var relayed = client.Allocate().Relayed;
        client.Permit(AddressKey.Of((IPEndPoint)peer.LocalEndPoint!));
        socket.Dispose();
        for (var i = 0; i < 50; i++) peer.SendTo("x"u8, relayed.ToIPEndPoint());
        using var other = host.Socket();
        Assert.Equal(0, host.Client(other).Allocate().Code);
    }

    [Fact]
    public void A_taken_port_is_told_plainly_even_if_it_is_a_server_like_this_that_has_it()
    {
        using var host = new TurnHost();
        var settings = new TurnRelaySettings
        {
            Protocol = new() { Realm = "localhost" },
            Port = host.Relay.Port,
            BindAddress = IPAddress.Loopback,
            AdvertisedAddress = IPAddress.Loopback,
            IsLoopbackOnly = true,
        };
        var relay = new TurnRelay(settings, host, Microsoft.Extensions.Logging.Abstractions.NullLogger<TurnRelay>.Instance);
        var e = Assert.Throws<RelayStartException>(() => relay.CreatePart(() => []));
        Assert.StartsWith($"Turn:Port: UDP port {host.Relay.Port} at 127.0.0.1 is taken", e.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Stopping_frees_every_port()
    {
        int port, relayed;
        using (var host = new TurnHost())
        {
            using var socket = host.Socket();
            relayed = host.Client(socket).Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [0x80])).Relayed.Port;
            port = host.Relay.Port;
        }

        foreach (var freed in new[] { port, relayed, relayed + 1 })
        {
            using var again = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
            again.Bind(new IPEndPoint(IPAddress.Loopback, freed));
        }
    }

    [Fact]
    public void Random_bytes_on_the_port_are_not_answered()
    {
        using var host = new TurnHost();
        using var socket = host.Socket();
        var random = new Random(5);
        for (var i = 0; i < 2000; i++)
        {
            var bytes = new byte[random.Next(1, 2049)];
            random.NextBytes(bytes);
            socket.SendTo(bytes, host.EndPoint);
        }

        var client = host.Client(socket);
        Assert.Equal(401, client.AskOnce(StunMethod.Allocate, null).Code); // the first answer is to the first request
        Assert.Equal(0, socket.Available);
    }
}
