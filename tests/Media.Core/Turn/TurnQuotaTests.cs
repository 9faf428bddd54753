using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>What an account may relay, what is counted for it, and how its allocations end with it.</summary>
public sealed class TurnQuotaTests
{
    private const string Ann = "ann@example.org";
    private static readonly AddressKey Peer = TurnWorld.At("8.8.8.8:5000");

    [Fact]
    public void An_accounts_bytes_a_second_hold_both_ways_and_over_all_workers()
    {
        var world = new TurnWorld(workers: 2, settings: new() { Realm = TurnWorld.Realm, BytesPerSecondPerAccount = 100_000, PacketsPerSecondPerAccount = 0 });
        var (one, two) = (Ready(world, "203.0.114.5:4000", 0), Ready(world, "203.0.114.5:4001", 1));
        for (var i = 0; i < 200; i++)
        {
            world.Workers[0].Handle("203.0.114.5:4000", TurnClient.ChannelData(0x4000, new byte[1000]));
            world.Workers[1].Server.HandlePeer(two, Peer, new byte[1000], world.NowMs);
        }

        Assert.Equal(50, one.Sent.Count);
        Assert.Equal((50, 50), (world.Workers[1].Server.Counters.ToClients, world.Workers[0].Server.Counters.ToPeers));
        Assert.Equal(300, world.Workers.Sum(w => w.Server.Counters.OverRate));
        world.NowMs += 500; // half a second gives half of it
        for (var i = 0; i < 200; i++) world.Workers[0].Handle("203.0.114.5:4000", TurnClient.ChannelData(0x4000, new byte[1000]));
        Assert.Equal(100, one.Sent.Count);

        // Nobody else's call suffers.
        var bob = world.Client("bob", "203.0.114.6:4000");
        Assert.Equal(0, bob.Allocate().Code);
        Assert.Equal(0, bob.Bind(0x4000, Peer).Code);
        for (var i = 0; i < 10; i++) world.Workers[0].Handle("203.0.114.6:4000", TurnClient.ChannelData(0x4000, new byte[1000]));
        Assert.Equal(10, world.Relays[^1].Sent.Count);

        var load = world.Shared.Meters.Read().Single(a => a.Account == Ann);
        Assert.Equal((2, 2, 100, 100_000, 50, 50_000), (load.Allocations, load.AllocationsMade, load.ToPeers, load.BytesToPeers, load.ToClients, load.BytesToClients));
        Assert.Equal(450, load.OverRate);
    }

    [Fact]
    public void An_accounts_packets_a_second_hold_and_guests_have_limits_of_their_group()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, PacketsPerSecondPerAccount = 10, PacketsPerSecondPerGuestGroup = 30 });
        var ann = Ready(world, "203.0.114.5:4000", 0);
        for (var i = 0; i < 100; i++) world.Workers[0].Handle("203.0.114.5:4000", TurnClient.Send(Peer, [1]));
        Assert.Equal(10, ann.Sent.Count);

        var media = TurnWorld.At("198.51.99.7:10000");
        var guests = Enumerable.Range(0, 2).Select(i => $"203.0.114.9:{4000 + i}").ToList();
        foreach (var guest in guests)
        {
            var client = world.Client("guest", guest);
            Assert.Equal(0, client.Allocate().Code);
            Assert.Equal(0, client.Bind(0x4000, media).Code);
            for (var i = 0; i < 20; i++) world.Workers[0].Handle(guest, TurnClient.ChannelData(0x4000, [1]));
        }

        Assert.Equal(30, world.Relays.Where(r => r != ann).Sum(r => r.Sent.Count));
    }

    [Fact]
    public void A_rate_of_nothing_is_no_limit_and_one_datagram_above_a_seconds_worth_passes()
    {
        var free = new RateGate(0);
        Assert.All(Enumerable.Range(0, 1000), _ => Assert.True(free.TryTake(long.MaxValue, 0)));
        var slow = new RateGate(100);
        Assert.True(slow.TryTake(1200, 0));
        Assert.False(slow.TryTake(1, 11_000));
        Assert.True(slow.TryTake(1, 12_000));
        var stream = new RateGate(1000);
        Assert.Equal((0, 500), (stream.Owe(1000, 0), stream.Owe(500, 0)));
        Assert.Equal(0, stream.Owe(100, 5_000));
    }

    [Fact]
    public void A_removed_account_loses_its_allocations_and_reservations_on_every_worker_and_gets_none_meanwhile()
    {
        var world = new TurnWorld(workers: 2);
        for (var i = 0; i < 2; i++)
        {
            Assert.Equal(0, world.Client("ann", $"203.0.114.5:{5000 + i}", i).Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [0x80])).Code);
            Assert.Equal(0, world.Client("ann", $"203.0.114.5:{5000 + i}@{7 + i}", i).Ask(StunMethod.Allocate, (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedTransport, 6u << 24)).Code);
            Assert.Equal(0, world.Client("bob", $"203.0.114.6:{5000 + i}", i).Allocate().Code);
        }

        Assert.Equal(6, world.Shared.Use.Of(Ann));
        world.Shared.Meters.Revoke(Ann, world.NowMs);
        Assert.Equal(403, world.Client("ann", "203.0.114.5:6000").Allocate().Code); // between the order and the workers
        foreach (var worker in world.Workers) worker.Server.Revoke(Ann);
        Assert.Equal((0, 2), (world.Shared.Use.Of(Ann), world.Shared.Use.Of("bob@example.org")));
        Assert.Equal((0, 0), (world.Shared.Reservations.Count, (int)world.Shared.Meters.Read().Single(a => a.Account == Ann).Allocations));
        Assert.Equal(2, world.Relays.Count(r => !r.IsClosed));
        Assert.All(world.Workers, w => Assert.Equal((1, 2), (w.Server.Counters.Allocations, w.Server.Counters.Revoked)));
        Assert.All(world.Workers, w => Assert.True(w.Tcp.Listeners.Single().IsClosed));
        Assert.Equal(437, world.Client("ann", "203.0.114.5:5000").Refresh(600).Code);
        world.Run(AccountMeters.RevokedMs + 40_000); // the reservations' time passes too
        Assert.Equal(0, world.Client("ann", "203.0.114.5:6000").Allocate().Code);
    }

    [Fact]
    public void A_lifetime_ends_at_the_operators_limit()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, MaxLifetime = 900 });
        var client = world.Client();
        Assert.Equal(900u, client.Allocate((ref StunWriter w) => w.AddUInt32(StunAttribute.Lifetime, 100_000)).Lifetime);
        Assert.Equal(900u, client.Refresh(5000).Lifetime);
        world.Run(901_000);
        Assert.Equal(437, client.Refresh(600).Code);
    }

    [Fact]
    public void A_network_asks_only_so_much_with_credentials_too_and_who_forges_its_addresses_takes_nothing_of_that()
    {
        var world = new TurnWorld();
        var ann = world.Client();
        Assert.Equal(0, ann.Allocate().Code);
        var forged = world.Client("x", "203.0.114.77:1").Request(StunMethod.Allocate, null);
        for (var i = 0; i < 5000; i++) world.Workers[0].Handle("203.0.114.77:1", forged);
        Assert.InRange(world.Workers[0].Take("203.0.114.77:1").Count, 1900, 2000);
        Assert.Equal(0, ann.Refresh(600).Code); // the network's budget without credentials is spent

        var request = ann.LastRequest;
        for (var i = 0; i < 5000; i++) world.Workers[0].Handle("203.0.114.5:4000", request);
        Assert.InRange(world.Workers[0].Take("203.0.114.5:4000").Count, 1900, 2000);
    }

    [Fact]
    public void Rows_without_allocations_go_where_there_are_too_many()
    {
        var meters = new AccountMeters(new() { Realm = TurnWorld.Realm }, max: 3);
        var kept = meters.Attach("a0", false);
        for (var i = 1; i < 100; i++) meters.Attach($"a{i}", i % 2 == 0).Detach();
        Assert.InRange(meters.Read().Count, 1, 3);
        Assert.Same(kept, meters.Attach("a0", false));
    }

    private static TurnWorld.Relay Ready(TurnWorld world, string from, int worker)
    {
        var client = world.Client("ann", from, worker);
        Assert.Equal(0, client.Allocate().Code);
        Assert.Equal(0, client.Bind(0x4000, Peer).Code);
        return world.Relays[^1];
    }
}
