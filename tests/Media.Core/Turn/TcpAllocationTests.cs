using System.Buffers.Binary;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>RFC 6062.</summary>
public sealed class TcpAllocationTests
{
    private const string Control = "203.0.114.5:4000@1", Data = "203.0.114.5:4001@2";
    private static readonly AddressKey Peer = TurnWorld.At("192.0.1.9:5000");

    [Fact]
    public void A_TCP_allocation_is_made_over_a_stream_by_an_account()
    {
        var world = new TurnWorld();
        var answer = Allocate(world.Client(from: Control));
        Assert.Equal(0, answer.Code);
        Assert.Equal((TurnWorld.Advertised, world.Workers[0].Tcp.Listeners[0].Port), (answer.Relayed.Address, answer.Relayed.Port));
        Assert.Equal(600u, answer.Lifetime);
        Assert.Equal(TurnWorld.At("203.0.114.5:4000"), answer.Mapped);
        Assert.Equal(1, world.Shared.Use.Of("ann@example.org"));

        Assert.Equal(403, Allocate(world.Client("guest", "203.0.114.6:4000@3")).Code);
        Assert.Equal(400, Allocate(world.Client(from: "203.0.114.7:4000")).Code); // over UDP
        Assert.Equal(400, Allocate(world.Client(from: "203.0.114.7:4000@4"), (ref StunWriter w) => w.Add(StunAttribute.EvenPort, [0])).Code);
        Assert.Equal(400, Allocate(world.Client(from: "203.0.114.7:4000@5"), (ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, 1)).Code);
        Assert.Equal(440, Allocate(world.Client(from: "203.0.114.7:4000@6"), (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedAddressFamily, 2u << 24)).Code);
        Assert.Equal(442, Allocate(new TurnWorld(settings: new TurnSettings { Realm = TurnWorld.Realm, TcpAllocations = false }).Client(from: Control)).Code);
        var one = new TurnWorld(settings: new TurnSettings { Realm = TurnWorld.Realm, AllocationsPerAccount = 1 });
        Assert.Equal(0, Allocate(one.Client(from: Control)).Code);
        Assert.Equal(486, Allocate(one.Client(from: Data)).Code);
    }

    [Fact]
    public void One_path_has_one_allocation_and_its_user()
    {
        var world = new TurnWorld();
        var client = world.Client(from: Control);
        Assert.Equal(0, Allocate(client).Code);
        Assert.Equal(437, Allocate(client).Code);
        Assert.Equal(437, client.Allocate().Code);
        Assert.Equal(400, client.Bind(0x4000, Peer).Code);
        Assert.Equal(441, world.Client("bob", Control).Refresh(600).Code);
        Assert.Equal(900u, client.Refresh(900).Lifetime);
        Assert.Equal(0, client.Refresh(0).Code);
        Assert.Equal(437, client.Refresh(600).Code);
        Assert.True(world.Workers[0].Tcp.Listeners[0].IsClosed);
        Assert.Equal(0, world.Shared.Use.Of("ann@example.org"));

        var datagrams = world.Client(from: Data);
        Assert.Equal(0, datagrams.Allocate().Code);
        Assert.Equal(437, Connect(datagrams, Peer).Code);
        Assert.Equal(437, Allocate(datagrams).Code);
    }

    [Theory]
    [InlineData("192.0.1.9:25", 403)] // mail
    [InlineData("192.0.1.9:1023", 403)]
    [InlineData("10.0.0.1:5000", 403)]
    [InlineData("127.0.0.1:5000", 403)]
    [InlineData("169.254.169.254:8080", 403)]
    [InlineData("198.51.99.7:5222", 403)] // our own, and no allocation's
    [InlineData("198.51.99.7:10000", 403)] // our media, which is UDP
    [InlineData("[2001:470::1]:5000", 443)]
    public void Peers_that_are_refused(string peer, int code)
    {
        var world = new TurnWorld();
        var client = world.Client(from: Control);
        Allocate(client);
        Assert.Equal(code, Connect(client, TurnWorld.At(peer)).Code);
        Assert.Empty(world.Workers[0].Tcp.Connecting);
    }

    [Fact]
    public void A_client_connects_to_a_peer_and_takes_the_connection_over_another_of_its_own_on_whatever_worker()
    {
        var world = new TurnWorld(workers: 2);
        var (home, tcp) = (world.Workers[0], world.Workers[0].Tcp);
        var client = world.Client(from: Control);
        Allocate(client);
        home.Handle(Control, ConnectRequest(client, Peer));
        Assert.Empty(home.Take(Control)); // not before it stands
        var (peer, from, to) = tcp.Connecting.Single();
        Assert.Equal((Peer, tcp.Listeners[0]), (to, from));
        Assert.Equal(446, Connect(client, Peer).Code);

        home.Server.Tcp!.Connected(peer, true, world.NowMs);
        var answer = new TurnAnswer(home.Take(Control).Single());
        Assert.Equal((0, StunProof.Valid), (answer.Code, answer.Message.CheckIntegrity(client.Key)));
        Assert.Equal(446, Connect(client, Peer).Code);

        var id = Id(answer);
        Assert.Equal(400, BindTo(world.Client("bob", Data, worker: 1), id).Code);
        Assert.Equal(400, BindTo(world.Client(from: Data, worker: 1), id + 1).Code);
        Assert.Equal(400, BindTo(client, id).Code); // the control connection itself
        Assert.Equal(0, BindTo(world.Client(from: Data, worker: 1), id).Code);
        Assert.Equal((2UL, peer), world.Workers[1].Tcp.Joined.Single());
        Assert.Equal(400, BindTo(world.Client(from: "203.0.114.5:4002@7", worker: 1), id).Code);

        // Who is connected waits for nobody.
        world.Run(60_000);
        Assert.False(peer.IsClosed);
        TurnTcp.Closed(peer);
        home.Handle(Control, ConnectRequest(client, Peer));
        Assert.Equal(2, tcp.Connecting.Count);
    }

    [Fact]
    public void What_cannot_be_connected_is_447_and_what_nobody_takes_is_cut_after_30_seconds()
    {
        var world = new TurnWorld();
        var (home, tcp) = (world.Workers[0], world.Workers[0].Tcp);
        var client = world.Client(from: Control);
        Allocate(client);
        home.Handle(Control, ConnectRequest(client, Peer));
        home.Server.Tcp!.Connected(tcp.Connecting[0].Peer, false, world.NowMs);
        Assert.Equal(447, new TurnAnswer(home.Take(Control).Single()).Code);
        Assert.True(tcp.Connecting[0].Peer.IsClosed);

        home.Handle(Control, ConnectRequest(client, Peer));
        home.Server.Tcp!.Connected(tcp.Connecting[1].Peer, true, world.NowMs);
        var id = Id(new TurnAnswer(home.Take(Control).Single()));
        world.Run(29_000);
        Assert.False(tcp.Connecting[1].Peer.IsClosed);
        world.Run(2_000);
        Assert.True(tcp.Connecting[1].Peer.IsClosed);
        Assert.Equal(400, BindTo(world.Client(from: Data), id).Code);
        home.Handle(Control, ConnectRequest(client, Peer)); // the peer is free again
        Assert.Equal(3, tcp.Connecting.Count);
    }

    [Fact]
    public void A_peer_that_is_permitted_is_announced_and_another_is_cut()
    {
        var world = new TurnWorld();
        var (home, tcp) = (world.Workers[0], world.Workers[0].Tcp);
        var client = world.Client(from: Control);
        Allocate(client);
        var stranger = new TcpWorld.Peer();
        home.Server.Tcp!.Accepted(tcp.Listeners[0], stranger, Peer, world.NowMs);
        Assert.True(stranger.IsClosed);
        Assert.Empty(home.Take(Control));

        Assert.Equal(403, client.Permit(TurnWorld.At("10.0.0.1:1")).Code);
        Assert.Equal(443, client.Permit(TurnWorld.At("[2001:470::1]:1")).Code);
        Assert.Equal(0, client.Permit(Peer).Code);
        var peer = new TcpWorld.Peer();
        home.Server.Tcp!.Accepted(tcp.Listeners[0], peer, Peer, world.NowMs);
        var attempt = new TurnAnswer(home.Take(Control).Single());
        Assert.Equal((StunClass.Indication, StunMethod.ConnectionAttempt), (attempt.Message.Class, attempt.Message.Method));
        Assert.True(attempt.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var told));
        Assert.Equal(Peer, told);
        Assert.Equal(0, BindTo(world.Client(from: Data), Id(attempt)).Code);
        Assert.Equal((2UL, peer), tcp.Joined.Single());
    }

    [Fact]
    public void Two_allocations_here_meet_at_the_advertised_address()
    {
        var world = new TurnWorld(workers: 2);
        var (ann, bob) = (world.Client(from: Control), world.Client("bob", "203.0.114.6:4000@9", worker: 1));
        var (atAnn, atBob) = (Allocate(ann).Relayed, Allocate(bob).Relayed);
        Assert.Equal(0, bob.Permit(atAnn).Code);
        world.Workers[0].Handle(Control, ConnectRequest(ann, atBob));
        Assert.Equal(atBob with { Address = TurnWorld.Bound }, world.Workers[0].Tcp.Connecting.Single().To); // inside, no NAT is asked

        var peer = new TcpWorld.Peer();
        world.Workers[1].Server.Tcp!.Accepted(world.Workers[1].Tcp.Listeners[0], peer, atAnn with { Address = TurnWorld.Bound }, world.NowMs);
        Assert.True(new TurnAnswer(world.Workers[1].Take("203.0.114.6:4000@9").Single()).Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var told));
        Assert.Equal(atAnn, told);
    }

    [Fact]
    public void An_allocation_has_so_many_connections_and_takes_all_with_it()
    {
        var world = new TurnWorld(settings: new TurnSettings { Realm = TurnWorld.Realm, ConnectionsPerAllocation = 3 });
        var (home, tcp) = (world.Workers[0], world.Workers[0].Tcp);
        var client = world.Client(from: Control);
        Allocate(client);
        client.Permit(Peer);
        for (ushort i = 0; i < 3; i++) home.Handle(Control, ConnectRequest(client, Peer with { Port = (ushort)(6000 + i) }));
        Assert.Equal(508, Connect(client, Peer).Code);
        var fourth = new TcpWorld.Peer();
        home.Server.Tcp!.Accepted(tcp.Listeners[0], fourth, Peer, world.NowMs);
        Assert.True(fourth.IsClosed);
        home.Server.Tcp.Connected(tcp.Connecting[0].Peer, true, world.NowMs);
        var id = Id(new TurnAnswer(home.Take(Control).Single()));

        home.Server.Disconnect(TurnWorld.Worker.Path(Control));
        Assert.All(tcp.Connecting, c => Assert.True(c.Peer.IsClosed));
        Assert.Equal(400, BindTo(world.Client(from: Data), id).Code);
        Assert.Equal(0, world.Shared.Use.Of("ann@example.org"));
        // What stands too late finds nobody, and answers nobody.
        home.Server.Tcp.Connected(tcp.Connecting[1].Peer, true, world.NowMs);
        Assert.Empty(home.Take(Control));
    }

    [Fact]
    public void An_allocation_that_is_not_refreshed_ends()
    {
        var world = new TurnWorld();
        var client = world.Client(from: Control);
        Allocate(client);
        Assert.True(world.Workers[0].Server.HasAllocation(TurnWorld.Worker.Path(Control), world.NowMs));
        world.Run(602_000);
        Assert.False(world.Workers[0].Server.HasAllocation(TurnWorld.Worker.Path(Control), world.NowMs));
        Assert.True(world.Workers[0].Tcp.Listeners[0].IsClosed);
        Assert.Equal(0, world.Shared.Use.Of("ann@example.org"));
    }

    private static TurnAnswer Allocate(TurnClient client, AddAttributes? attributes = null) => client.Ask(StunMethod.Allocate, (ref StunWriter w) =>
    {
        w.AddUInt32(StunAttribute.RequestedTransport, 6u << 24);
        attributes?.Invoke(ref w);
    });

    private static TurnAnswer Connect(TurnClient client, AddressKey peer) => client.Ask(StunMethod.Connect, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, peer));

    private static byte[] ConnectRequest(TurnClient client, AddressKey peer) => client.Request(StunMethod.Connect, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, peer));

    private static TurnAnswer BindTo(TurnClient client, uint id) => client.Ask(StunMethod.ConnectionBind, (ref StunWriter w) => w.AddUInt32(StunAttribute.ConnectionId, id));

    private static uint Id(TurnAnswer answer) => BinaryPrimitives.ReadUInt32BigEndian(answer.Get(StunAttribute.ConnectionId));
}
