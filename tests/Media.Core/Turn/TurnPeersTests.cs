using Parley.Media.Core;
using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnPeersTests
{
    private readonly TurnWorld _world = new();
    private static readonly AddressKey Peer = TurnWorld.At("8.8.8.8:5000");

    [Theory]
    [InlineData("127.0.0.1")]
    [InlineData("10.0.0.1")]
    [InlineData("169.254.169.254")]
    [InlineData("192.168.0.1")]
    public void Special_peers_are_forbidden(string address)
    {
        var client = _world.Client();
        client.Allocate();
        Assert.Equal(403, client.Permit(TurnWorld.At(address + ":5000")).Code);
        Assert.Equal(403, client.Permit(Peer, TurnWorld.At(address + ":5000")).Code);
        Assert.Equal(403, client.Bind(0x4000, TurnWorld.At(address + ":5000")).Code);
        _world.Workers[0].Handle("203.0.114.5:4000", TurnClient.Send(Peer, "x"u8)); // the good one beside it was not permitted either
        Assert.Empty(_world.Relays.Single().Sent);
    }

    [Fact]
    public void What_the_operator_allows_is_a_peer_at_any_port()
    {
        var world = new TurnWorld(allowed: ["127.0.0.1/32"]);
        var client = world.Client();
        client.Allocate();
        Assert.Equal(0, client.Permit(TurnWorld.At("127.0.0.1:22")).Code);
        Assert.Equal(0, client.Bind(0x4000, TurnWorld.At("127.0.0.1:22")).Code);
        Assert.Equal(403, client.Permit(TurnWorld.At("127.0.0.2:22")).Code);
    }

    [Fact]
    public void Own_addresses_are_reached_at_media_ports_and_live_allocations_only()
    {
        var client = _world.Client();
        client.Allocate();
        var other = _world.Client("bob", "203.0.114.5:4001");
        var relayed = other.Allocate().Relayed;
        foreach (var own in new[] { "198.51.99.7", "10.1.2.3" })
        {
            Assert.Equal(0, client.Permit(TurnWorld.At(own + ":22")).Code);
            Assert.Equal(403, client.Bind(0x4000, TurnWorld.At(own + ":22")).Code);
        }

        Assert.Equal(0, client.Bind(0x4000, TurnWorld.At("198.51.99.7:10000")).Code);
        Assert.Equal(0, client.Bind(0x4001, relayed).Code);
        var relay = _world.Relays[0];
        void Try(byte[] datagram) => _world.Workers[0].Handle("203.0.114.5:4000", datagram);
        Try(TurnClient.Send(TurnWorld.At("198.51.99.7:22"), "x"u8));
        Try(TurnClient.Send(TurnWorld.At("10.1.2.3:3478"), "x"u8));
        Assert.Empty(relay.Sent);
        Assert.Equal(2, _world.Workers[0].Server.Counters.RefusedPeers);
        Try(TurnClient.ChannelData(0x4000, "media"u8));
        Try(TurnClient.ChannelData(0x4001, "friend"u8));
        Assert.Equal([TurnWorld.At("10.1.2.3:10000"), TurnWorld.At($"10.1.2.3:{relayed.Port}")], relay.Sent.Select(s => s.Peer)); // translated inside

        other.Refresh(0); // from now on that port may be anybody's
        Try(TurnClient.ChannelData(0x4001, "x"u8));
        Assert.Equal(2, relay.Sent.Count);
        Assert.Equal(3, _world.Workers[0].Server.Counters.RefusedPeers);
    }

    [Fact]
    public void Guests_reach_our_media_and_nothing_else()
    {
        var guest = _world.Client("guest");
        guest.Allocate();
        var relayed = _world.Client("bob", "203.0.114.5:4001").Allocate().Relayed;
        Assert.Equal(403, guest.Permit(Peer).Code);
        Assert.Equal(403, guest.Bind(0x4000, Peer).Code);
        Assert.Equal(0, guest.Permit(TurnWorld.At("198.51.99.7:1")).Code);
        Assert.Equal(403, guest.Bind(0x4000, relayed).Code);
        Assert.Equal(0, guest.Bind(0x4000, TurnWorld.At("198.51.99.7:10000")).Code);

        var relay = _world.Relays[0];
        _world.Workers[0].Handle("203.0.114.5:4000", TurnClient.Send(relayed, "x"u8));
        Assert.Empty(relay.Sent);
        _world.Workers[0].Server.HandlePeer(relay, TurnWorld.At($"10.1.2.3:{relayed.Port}"), "x"u8, _world.NowMs); // nor is reached from there
        Assert.Empty(_world.Workers[0].Take("203.0.114.5:4000"));
        Assert.Equal(2, _world.Workers[0].Server.Counters.RefusedPeers);
    }

    [Fact]
    public void Permissions_last_five_minutes_and_channels_ten()
    {
        var client = _world.Client();
        client.Allocate();
        client.Refresh(3600);
        Assert.Equal(0, client.Bind(0x4000, Peer).Code);
        var relay = _world.Relays.Single();
        var server = _world.Workers[0].Server;
        string Reached()
        {
            _world.Workers[0].Take("203.0.114.5:4000");
            var before = relay.Sent.Count;
            _world.Workers[0].Handle("203.0.114.5:4000", TurnClient.ChannelData(0x4000, "a"u8));
            var channel = relay.Sent.Count - before;
            _world.Workers[0].Handle("203.0.114.5:4000", TurnClient.Send(Peer, "b"u8));
            var send = relay.Sent.Count - before - channel;
            server.HandlePeer(relay, Peer with { Port = 7 }, "c"u8, _world.NowMs); // the permission is for the address
            return $"{channel} {send} {_world.Workers[0].Take("203.0.114.5:4000").Count}";
        }

        Assert.Equal("1 1 1", Reached());
        _world.Run(299_000);
        Assert.Equal("1 1 1", Reached());
        _world.Run(2000);
        Assert.Equal("1 0 0", Reached());
        Assert.Equal(0, client.Permit(Peer with { Port = 1 }).Code);
        Assert.Equal("1 1 1", Reached());
        _world.Run(298_000);
        Assert.Equal("1 1 1", Reached());
        _world.Run(2000);
        Assert.Equal("0 0 0", Reached());
        Assert.Equal(0, client.Bind(0x4001, Peer).Code); // the old number is free again
        Assert.Equal(0, client.Bind(0x4000, Peer with { Port = 9 }).Code);
    }

    [Fact]
    public void A_number_and_a_peer_belong_together_for_as_long_as_they_are_bound()
    {
        var client = _world.Client();
        client.Allocate();
        Assert.Equal(0, client.Bind(0x4000, Peer).Code);
        Assert.Equal(0, client.Bind(0x4000, Peer).Code);
        Assert.Equal(400, client.Bind(0x4001, Peer).Code);
        Assert.Equal(400, client.Bind(0x4000, Peer with { Port = 9 }).Code);
        Assert.Equal(0, client.Bind(0x4001, Peer with { Port = 9 }).Code);
        Assert.Equal(400, client.Bind(0x4001, Peer).Code);
        foreach (var number in new ushort[] { 0, 0x3fff, 0x8000, 0xffff }) Assert.Equal(400, client.Bind(number, TurnWorld.At("8.8.8.9:1")).Code);
        Assert.Equal(0, client.Bind(0x7fff, TurnWorld.At("8.8.8.9:1")).Code); // coturn's client
        Assert.Equal(400, client.Ask(StunMethod.ChannelBind, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, Peer)).Code);
        Assert.Equal(400, client.Ask(StunMethod.ChannelBind, (ref StunWriter w) => w.AddUInt32(StunAttribute.ChannelNumber, 0x41230000)).Code);
        Assert.Equal(400, client.Ask(StunMethod.CreatePermission).Code);
        Assert.Equal(400, client.Ask(StunMethod.CreatePermission, (ref StunWriter w) => w.Add(StunAttribute.XorPeerAddress, [0, 1, 2])).Code);
        Assert.Equal(443, client.Permit(TurnWorld.At("[2a00::1]:1")).Code);
    }

    [Fact]
    public void Permissions_and_channels_are_so_many_and_expired_ones_make_room()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, PeersPerAllocation = 3 });
        var client = world.Client();
        client.Allocate();
        AddressKey At(int i) => TurnWorld.At($"8.8.8.{i}:5000");
        Assert.Equal(0, client.Permit(At(1), At(2)).Code);
        Assert.Equal(508, client.Permit(At(3), At(4)).Code);
        Assert.Equal(0, client.Bind(0x4000, At(3)).Code);
        Assert.Equal(508, client.Bind(0x4001, At(4)).Code);
        Assert.Equal(0, client.Permit(At(1), At(2), At(3)).Code);
        Assert.Equal(0, client.Bind(0x4001, At(3) with { Port = 1 }).Code);
        Assert.Equal(0, client.Bind(0x4002, At(3) with { Port = 2 }).Code);
        Assert.Equal(508, client.Bind(0x4003, At(3) with { Port = 3 }).Code);
        world.Run(301_000);
        Assert.Equal(0, client.Permit(At(5), At(6)).Code);
        client.Refresh(3600);
        world.Run(301_000);
        Assert.Equal(0, client.Bind(0x4003, At(7)).Code);
    }
}
