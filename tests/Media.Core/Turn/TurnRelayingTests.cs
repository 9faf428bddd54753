using System.Net;
using System.Text;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnRelayingTests
{
    private const string Home = "203.0.114.5:4000";
    private static readonly AddressKey Peer = TurnWorld.At("8.8.8.8:5000");
    private readonly TurnWorld _world = new();
    private readonly TurnClient _client;
    private readonly TurnWorld.Relay _relay;

    public TurnRelayingTests()
    {
        _client = _world.Client();
        _relay = _world.RelayOf(_client.Allocate().Relayed);
    }

    private TurnWorld.Worker Worker => _world.Workers[0];

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(1200)]
    public void Data_goes_by_indications_until_a_channel_is_bound(int size)
    {
        var data = new byte[size];
        new Random(size).NextBytes(data);
        Assert.Equal(0, _client.Permit(Peer).Code);
        Worker.Handle(Home, TurnClient.Send(Peer, data));
        Assert.Equal(Peer, _relay.Sent[0].Peer);
        Assert.Equal(data, _relay.Sent[0].Data);

        Worker.Server.HandlePeer(_relay, Peer, data, _world.NowMs);
        var indication = new TurnAnswer(Worker.Take(Home).Single());
        Assert.Equal((StunClass.Indication, StunMethod.Data), (indication.Message.Class, indication.Message.Method));
        Assert.True(indication.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var from));
        Assert.Equal(Peer, from);
        Assert.Equal(data, indication.Get(StunAttribute.Data));
        Assert.Equal([StunAttribute.XorPeerAddress, StunAttribute.Data], indication.Attributes);

        Assert.Equal(0, _client.Bind(0x4abc, Peer).Code);
        Worker.Server.HandlePeer(_relay, Peer, data, _world.NowMs);
        Assert.Equal(TurnClient.ChannelData(0x4abc, data), Worker.Take(Home).Single());
        Assert.Equal((1, 2, 3L * size), (Worker.Server.Counters.ToPeers, Worker.Server.Counters.ToClients, Worker.Server.Counters.Bytes));
    }

    [Fact]
    public void Channel_data_may_be_padded_and_must_be_whole()
    {
        _client.Bind(0x4000, Peer);
        Worker.Handle(Home, TurnClient.ChannelData(0x4000, "12345"u8));
        Worker.Handle(Home, TurnClient.ChannelData(0x4000, "12345"u8, padding: 3));
        Assert.Equal(["12345", "12345"], _relay.Sent.Select(s => Encoding.ASCII.GetString(s.Data)));
        Worker.Handle(Home, TurnClient.ChannelData(0x4000, "12345"u8, padding: 4));
        Worker.Handle(Home, TurnClient.ChannelData(0x4000, "12345"u8)[..^1]);
        Worker.Handle(Home, [0x40, 0, 0]);
        Assert.Equal(2, _relay.Sent.Count);
        Assert.Equal(3, Worker.Server.Counters.Malformed);
        Worker.Handle(Home, TurnClient.ChannelData(0x4001, "x"u8));
        Worker.Handle("203.0.114.5:4001", TurnClient.ChannelData(0x4000, "x"u8));
        Assert.Equal(2, _relay.Sent.Count);
        Assert.Equal(2, Worker.Server.Counters.Unbound);
    }

    [Fact]
    public void Nothing_passes_without_a_permission()
    {
        Worker.Handle(Home, TurnClient.Send(Peer, "x"u8));
        Worker.Handle("203.0.114.5:4001", TurnClient.Send(Peer, "x"u8));
        Worker.Server.HandlePeer(_relay, Peer, "x"u8, _world.NowMs);
        Assert.Empty(_relay.Sent);
        Assert.Empty(Worker.Take(Home));
        Assert.Equal((2, 1), (Worker.Server.Counters.Unbound, Worker.Server.Counters.Unpermitted));
    }

    [Fact]
    public void An_indication_that_lacks_something_or_asks_for_what_cannot_be_done_is_dropped()
    {
        _client.Permit(Peer);
        void Send(AddAttributes attributes)
        {
            var writer = new StunWriter(new byte[200], StunClass.Indication, StunMethod.Send, new byte[12]);
            attributes(ref writer);
            Worker.Handle(Home, writer.Written.ToArray());
        }

        Send((ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, Peer));
        Send((ref StunWriter w) => w.Add(StunAttribute.Data, "x"u8));
        Send((ref StunWriter w) =>
        {
            w.AddXorAddress(StunAttribute.XorPeerAddress, Peer);
            w.AddFlag(StunAttribute.DontFragment);
            w.Add(StunAttribute.Data, "x"u8);
        });
        Assert.Empty(_relay.Sent);
        Assert.Equal(3, Worker.Server.Counters.Malformed);
    }

    [Fact]
    public void What_comes_from_the_bound_address_is_shown_as_from_the_one_that_was_permitted()
    {
        var bound = TurnWorld.At("10.1.2.3:10000");
        _client.Bind(0x4000, bound with { Address = TurnWorld.Advertised });
        Worker.Server.HandlePeer(_relay, bound, "x"u8, _world.NowMs);
        Assert.Equal(TurnClient.ChannelData(0x4000, "x"u8), Worker.Take(Home).Single());

        var other = _world.Client(from: "203.0.114.5:4001");
        var relay = _world.RelayOf(other.Allocate().Relayed);
        Assert.Equal(0, other.Permit(bound).Code);
        Worker.Server.HandlePeer(relay, bound, "x"u8, _world.NowMs);
        Assert.True(new TurnAnswer(Worker.Take("203.0.114.5:4001").Single()).Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var from));
        Assert.Equal(bound, from);
    }

    [Fact]
    public void Two_clients_of_one_server_reach_each_other_through_both_relays()
    {
        var other = _world.Client("bob", "203.0.114.5:4001");
        var there = other.Allocate().Relayed;
        var here = new AddressKey(TurnWorld.Advertised, _relay.Port);
        Assert.Equal(0, _client.Bind(0x4000, there).Code);
        Assert.Equal(0, other.Bind(0x4000, here).Code);
        Worker.Handle(Home, TurnClient.ChannelData(0x4000, "hello"u8));
        var (peer, data) = _relay.Sent.Single();
        Assert.Equal(TurnWorld.At($"10.1.2.3:{there.Port}"), peer);
        Worker.Take("203.0.114.5:4001");
        Worker.Server.HandlePeer(_world.RelayOf(there), TurnWorld.At($"10.1.2.3:{here.Port}"), data, _world.NowMs);
        Assert.Equal(TurnClient.ChannelData(0x4000, "hello"u8), Worker.Take("203.0.114.5:4001").Single());
    }

    [Fact]
    public void Relaying_allocates_nothing()
    {
        var sink = new FixedSink();
        var live = new LivePorts();
        var policy = new PeerPolicy([], [IPAddress.Parse("10.1.2.3")], [], live, false);
        var shared = new TurnShared(new() { Realm = "r" }, new(new TurnAddress(TurnWorld.Advertised, TurnWorld.Bound)), live, policy, _world, new Random(1));
        var server = new TurnServer(shared, sink, new Random(1));
        var path = TurnWorld.Worker.Path(Home);
        var client = new TurnClient(request =>
        {
            server.Handle(path, request, 0);
            return sink.Last();
        }, "ann", "pw-ann");
        client.Allocate();
        client.Permit(TurnWorld.At("8.8.4.4:1"));
        client.Bind(0x4000, Peer);
        var other = TurnWorld.At("8.8.4.4:2");
        var (channel, send, data) = (TurnClient.ChannelData(0x4000, new byte[1000]), TurnClient.Send(TurnWorld.At("8.8.4.4:1"), new byte[1000]), new byte[1000]);
        void Round()
        {
            server.Handle(path, channel, 0);
            server.Handle(path, send, 0);
            server.HandlePeer(sink.Relay!, Peer, data, 0);
            server.HandlePeer(sink.Relay!, other, data, 0);
            server.Tick(0);
        }

        var rounds = 0;
        Assert.Equal(0, Allocations.Least(() =>
        {
            for (var i = 0; i < 1000; i++, rounds++) Round();
        }));
        Assert.Equal((2 * rounds, 2 * rounds), (server.Counters.ToPeers, server.Counters.ToClients));
    }

    private sealed class FixedSink : ITurnSink
    {
        private readonly byte[] _room = new byte[2048];
        private int _length;

        public RelayPort? Relay { get; private set; }

        public byte[] Last() => _room[.._length];

        public Span<byte> Reserve(in FiveTuple to, int length, bool isRelayed = false) => _room.AsSpan(0, _length = length);

        public bool CanForbidFragments => true;

        public RelayPort? Open(ushort port, bool isIPv6) => Relay = new Null(port, isIPv6);

        public void Adopt(RelayPort relay)
        {
        }

        private sealed class Null(ushort port, bool isIPv6) : RelayPort(port, isIPv6)
        {
            public override void Send(AddressKey peer, ReadOnlySpan<byte> data, bool dontFragment = false)
            {
            }

            public override void Close()
            {
            }
        }
    }
}
