using Parley.Media.Core.Stun;

namespace Parley.tests.Media.Core.Turn;

public sealed class TurnAllocateTests
{
    private const byte EvenPort = 0, EvenPortAndNext = 0x80;

    [Fact]
    public void An_allocation_has_an_advertised_address_and_ends_after_ten_minutes()
    {
        var world = new TurnWorld();
        var answer = world.Client().Allocate();
        Assert.Equal(0, answer.Code);
        Assert.Equal(TurnWorld.Advertised, answer.Relayed.Address);
        Assert.InRange(answer.Relayed.Port, 49152, 65535);
        Assert.Equal(TurnWorld.At("203.0.114.5:4000"), answer.Mapped);
        Assert.Equal(600u, answer.Lifetime);
        Assert.True(world.Shared.Live.Contains(answer.Relayed.Port, isIPv6: false));

        var relay = world.RelayOf(answer.Relayed);
        world.Run(599_000);
        Assert.False(relay.IsClosed);
        world.Run(2000);
        Assert.True(relay.IsClosed);
        Assert.False(world.Shared.Live.Contains(answer.Relayed.Port, isIPv6: false));
        Assert.Equal((0, 0), (world.Workers[0].Server.Counters.Allocations, world.Shared.Use.Of("ann@example.org")));
    }

    [Theory]
    [InlineData(0u, 600u)]
    [InlineData(10u, 600u)]
    [InlineData(1200u, 1200u)]
    [InlineData(uint.MaxValue, 3600u)]
    public void The_lifetime_is_kept_within_bounds(uint wanted, uint given)
    {
        var client = new TurnWorld().Client();
        Assert.Equal(given, client.Allocate((ref StunWriter w) => w.AddUInt32(StunAttribute.Lifetime, wanted)).Lifetime);
        Assert.Equal(Math.Max(given, 601), client.Refresh(Math.Max(wanted, 601)).Lifetime);
    }

    [Fact]
    public void The_same_request_again_gets_the_same_answer_and_another_a_mismatch()
    {
        var world = new TurnWorld();
        var client = world.Client();
        var first = client.Allocate();
        world.Run(5000);
        Assert.Equal(first.Bytes, client.Repeat().Bytes);
        Assert.Equal(437, client.Allocate().Code);
        Assert.Equal(437, world.Client("bob").Allocate().Code);
        Assert.Single(world.Relays);
    }

    [Fact]
    public void Malformed_and_foreign_transports_are_refused()
    {
        var client = new TurnWorld().Client();
        Assert.Equal(400, client.Ask(StunMethod.Allocate).Code);
        Assert.Equal(400, client.Ask(StunMethod.Allocate, (ref StunWriter w) => w.Add(StunAttribute.RequestedTransport, [17, 0])).Code);
        Assert.Equal(442, client.Ask(StunMethod.Allocate, (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedTransport, 7u << 24)).Code);
        Assert.Equal(400, client.Ask(StunMethod.Allocate, (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedTransport, 6u << 24)).Code); // TCP, over UDP
        Assert.Equal(400, client.Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [0, 0])).Code);
        Assert.Equal(400, client.Allocate((ref StunWriter w) => w.Add(StunAttribute.ReservationToken, [1, 2, 3, 4])).Code);
        Assert.Equal(400, client.Allocate((ref StunWriter w) => w.Add(StunAttribute.RequestedAddressFamily, [1])).Code);
        Assert.Equal(440, client.Allocate((ref StunWriter w) => w.Add(StunAttribute.RequestedAddressFamily, [7, 0, 0, 0])).Code);
    }

    [Fact]
    public void What_must_be_understood_and_is_not_is_named()
    {
        var client = new TurnWorld().Client();
        var answer = client.Allocate((ref StunWriter w) =>
        {
            w.AddFlag(StunAttribute.DontFragment);
            w.AddFlag((StunAttribute)0x7abc);
        });
        Assert.Equal(420, answer.Code);
        Assert.Equal([0x00, 0x1a, 0x7a, 0xbc], answer.Get(StunAttribute.UnknownAttributes));
        Assert.Equal(0, client.Allocate((ref StunWriter w) => w.AddFlag((StunAttribute)0xc001)).Code); // need not be understood
    }

    [Fact]
    public void Families_are_relayed_where_the_server_has_an_address_of_them()
    {
        static TurnAnswer Ask(TurnWorld world, byte family) => world.Client().Allocate((ref StunWriter w) => w.Add(StunAttribute.RequestedAddressFamily, [family, 0, 0, 0]));
        Assert.Equal(0, Ask(new TurnWorld(), 1).Code);
        Assert.Equal(440, Ask(new TurnWorld(), 2).Code);
        var both = new TurnWorld(addresses: new(new(TurnWorld.Advertised, TurnWorld.Bound), new(TurnWorld.Bits("2a00:1::7"), TurnWorld.Bits("2a00:1::7"))));
        Assert.Equal(TurnWorld.Bits("2a00:1::7"), Ask(both, 2).Relayed.Address);
        Assert.Equal(443, both.Client().Permit(TurnWorld.At("8.8.8.8:1")).Code);
        Assert.Equal(443, both.Client().Bind(0x4000, TurnWorld.At("8.8.8.8:1")).Code);
        Assert.Equal(0, both.Client().Permit(TurnWorld.At("[2a00:2::1]:1")).Code);
        Assert.Equal(443, both.Client().Ask(StunMethod.Refresh, (ref StunWriter w) => w.Add(StunAttribute.RequestedAddressFamily, [1, 0, 0, 0])).Code);
        Assert.Equal(440, Ask(new TurnWorld(addresses: new(null, new(1, 1))), 1).Code);
    }

    [Fact]
    public void An_additional_family_is_refused_by_itself()
    {
        var world = new TurnWorld();
        var answer = world.Client().Allocate((ref StunWriter w) => w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]));
        Assert.Equal(0, answer.Code);
        Assert.Equal([2, 0, 4, 40], answer.Get(StunAttribute.AddressErrorCode));
        var other = world.Client(from: "203.0.114.5:4001");
        Assert.Equal(400, other.Allocate((ref StunWriter w) => w.Add(StunAttribute.AdditionalAddressFamily, [1, 0, 0, 0])).Code);
        Assert.Equal(400, other.Allocate((ref StunWriter w) =>
        {
            w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]);
            w.Add(StunAttribute.RequestedAddressFamily, [1, 0, 0, 0]);
        }).Code);
        Assert.Equal(400, other.Allocate((ref StunWriter w) =>
        {
            w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]);
            w.Add(StunAttribute.EvenPort, [EvenPortAndNext]);
        }).Code);
    }

    [Fact]
    public void A_reserved_port_is_handed_to_another_worker()
    {
        var world = new TurnWorld(workers: 2);
        var even = world.Client().Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext]));
        Assert.Equal((0, 0), (even.Code, even.Relayed.Port % 2));
        Assert.Equal(2, world.Shared.Use.Of("ann@example.org"));
        Assert.False(world.Shared.Live.Contains(even.Relayed.Port + 1, isIPv6: false)); // nobody's yet, so no peer either

        var client = world.Client(from: "203.0.114.5:4001", worker: 1);
        var odd = client.Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, even.Token));
        Assert.Equal((0, even.Relayed.Port + 1), (odd.Code, odd.Relayed.Port));
        Assert.Equal(world.Workers[1], world.RelayOf(odd.Relayed).Owner);
        Assert.Equal(2, world.Shared.Use.Of("ann@example.org"));
        Assert.Equal(odd.Bytes, client.Repeat().Bytes);
        Assert.Equal(508, world.Client(from: "203.0.114.5:4002").Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, even.Token)).Code);
        world.Run(31_000);
        Assert.False(world.RelayOf(odd.Relayed).IsClosed);
        Assert.Equal(0, client.Refresh(0).Code);
        Assert.Equal(1, world.Shared.Use.Of("ann@example.org"));
    }

    [Fact]
    public void A_reservation_is_for_its_account_and_for_30_seconds()
    {
        var world = new TurnWorld();
        var even = world.Client().Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext]));
        Assert.Equal(508, world.Client("bob", "203.0.114.5:4001").Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, even.Token)).Code);
        Assert.Equal(400, world.Client(from: "203.0.114.5:4001").Allocate((ref StunWriter w) =>
        {
            w.AddUInt64(StunAttribute.ReservationToken, even.Token);
            w.Add(StunAttribute.EvenPort, [EvenPort]);
        }).Code);
        world.Run(29_000);
        Assert.Equal(1, world.Shared.Reservations.Count);
        world.Run(2000);
        Assert.Equal((0, 1), (world.Shared.Reservations.Count, world.Shared.Use.Of("ann@example.org")));
        Assert.True(world.Relays.Single(r => r.Port == even.Relayed.Port + 1).IsClosed);
        Assert.False(world.Shared.Bound.Contains(even.Relayed.Port + 1, isIPv6: false));
        Assert.Equal(508, world.Client(from: "203.0.114.5:4001").Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, even.Token)).Code);
    }

    [Fact]
    public void Two_that_ask_for_one_token_at_once_do_not_both_get_it()
    {
        for (var round = 0; round < 50; round++)
        {
            var reservations = new TurnWorld(workers: 2);
            var token = reservations.Client().Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext])).Token;
            var got = new int[2];
            Parallel.For(0, 2, i => got[i] = reservations.Client(from: $"203.0.114.5:{5000 + i}", worker: i).Allocate((ref StunWriter w) => w.AddUInt64(StunAttribute.ReservationToken, token)).Code);
            Assert.Equal([0, 508], got.Order());
        }
    }

    [Theory]
    [InlineData(EvenPort)]
    [InlineData(EvenPortAndNext)]
    public void Even_ports_are_even_and_pairs_whole_however_few_are_left(byte bits)
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, FirstPort = 50001, LastPort = 50008 });
        world.Taken.UnionWith([50003, 50004]); // 50002 has no neighbour, 50004 is taken, 50008 has no neighbour in the range
        var ports = new List<int>();
        for (var i = 0; ; i++)
        {
            var answer = world.Client(from: $"203.0.114.5:{4000 + i}").Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [bits]));
            if (answer.Code != 0)
            {
                Assert.Equal(508, answer.Code);
                break;
            }

            ports.Add(answer.Relayed.Port);
        }

        Assert.Equal(bits == EvenPort ? [50002, 50006, 50008] : [50006], ports.Order());
        Assert.Equal(bits == EvenPort ? 3 : 2, world.Shared.Use.Of("ann@example.org"));
        Assert.Equal(world.Relays.Count(r => !r.IsClosed), world.Shared.Use.Of("ann@example.org"));
    }

    [Fact]
    public void Quotas_count_an_accounts_ports_on_all_workers_and_a_guest_group_has_its_own()
    {
        var world = new TurnWorld(workers: 2, settings: new() { Realm = TurnWorld.Realm, AllocationsPerAccount = 3, AllocationsPerGuestGroup = 4 });
        var clients = Enumerable.Range(0, 3).Select(i => world.Client(from: $"203.0.114.5:{4000 + i}", worker: i % 2)).ToList();
        Assert.All(clients, c => Assert.Equal(0, c.Allocate().Code));
        Assert.Equal(486, world.Client(from: "203.0.114.5:4009", worker: 1).Allocate().Code);
        Assert.Equal(0, world.Client("bob", "203.0.114.5:4010").Allocate().Code);
        Assert.Equal(0, clients[1].Refresh(0).Code);
        Assert.Equal(486, world.Client(from: "203.0.114.5:4009").Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext])).Code);
        Assert.Equal(0, world.Client(from: "203.0.114.5:4009").Allocate().Code);

        var guests = Enumerable.Range(0, 5).Select(i => world.Client("guest", $"203.0.114.5:{5000 + i}", i % 2).Allocate().Code);
        Assert.Equal([0, 0, 0, 0, 486], guests);
    }

    [Fact]
    public void A_guests_ports_count_in_its_room_too_whatever_network_it_comes_from()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, AllocationsPerGuestGroup = 3, AllocationsPerGuestRoom = 4 });
        world.Users["one"] = new("pw-one", "guest:192.0.2.0/24", true, "room:tea");
        world.Users["two"] = new("pw-two", "guest:198.51.100.0/24", true, "room:tea");
        world.Users["three"] = new("pw-three", "guest:203.0.113.0/24", true, "room:milk");
        var ones = Enumerable.Range(0, 4).Select(i => (Client: world.Client("one", $"203.0.114.5:{5000 + i}"), i)).ToList();
        Assert.Equal([0, 0, 0, 486], ones.Select(o => o.Client.Allocate().Code)); // the network's limit
        Assert.Equal([0, 486], Enumerable.Range(0, 2).Select(i => world.Client("two", $"203.0.114.6:{5000 + i}").Allocate().Code)); // the room's
        Assert.Equal(1, world.Shared.Use.Of("guest:198.51.100.0/24")); // what was refused costs nothing
        Assert.Equal(0, world.Client("three", "203.0.114.6:5009").Allocate().Code);
        Assert.Equal(0, ones[0].Client.Refresh(0).Code);
        Assert.Equal((2, 3), (world.Shared.Use.Of("guest:192.0.2.0/24"), world.Shared.Use.Of("room:tea")));

        // A pair takes two of both, and gives both back.
        Assert.Equal(486, world.Client("two", "203.0.114.6:5020").Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext])).Code);
        Assert.Equal(0, ones[1].Client.Refresh(0).Code);
        Assert.Equal(0, world.Client("two", "203.0.114.6:5021").Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext])).Code);
        Assert.Equal(4, world.Shared.Use.Of("room:tea"));
        foreach (var worker in world.Workers) worker.Server.Close();
        Assert.Equal((0, 0, 0), (world.Shared.Use.Of("room:tea"), world.Shared.Use.Of("room:milk"), world.Shared.Use.Of("guest:198.51.100.0/24")));
    }

    [Fact]
    public void A_guest_that_allocates_before_it_calls_counts_in_its_room_from_its_first_permission_on()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, AllocationsPerGuestRoom = 1 });
        var (early, late) = (world.Client("guest", "203.0.114.5:5000"), world.Client("guest", "203.0.114.5:5001"));
        Assert.Equal((0, 0), (early.Allocate().Code, late.Allocate().Code));
        Assert.Equal(0, early.Permit(TurnWorld.At("198.51.99.7:10000")).Code); // in no room yet: only the network counts
        Assert.Equal(0, world.Shared.Use.Of("room:tea"));

        world.Users["guest"] = world.Users["guest"] with { Room = "room:tea" };
        Assert.Equal(0, late.Permit(TurnWorld.At("198.51.99.7:10000")).Code);
        Assert.Equal(1, world.Shared.Use.Of("room:tea"));
        // The room is full. What may carry media already goes on and is counted; what does not is refused.
        Assert.Equal(0, early.Permit(TurnWorld.At("198.51.99.7:10000")).Code);
        Assert.Equal(2, world.Shared.Use.Of("room:tea"));
        Assert.Equal(486, world.Client("guest", "203.0.114.5:5002").Allocate().Code);
        world.Users["guest"] = world.Users["guest"] with { Room = null };
        var third = world.Client("guest", "203.0.114.5:5003");
        Assert.Equal(0, third.Allocate().Code);
        world.Users["guest"] = world.Users["guest"] with { Room = "room:tea" };
        Assert.Equal(508, third.Permit(TurnWorld.At("198.51.99.7:10000")).Code);
        Assert.Equal(508, third.Bind(0x4000, TurnWorld.At("198.51.99.7:10000")).Code);
        Assert.Equal(0, third.Refresh(600).Code);
        Assert.Equal(3, world.Shared.Use.Of("room:tea"));
        foreach (var client in (TurnClient[])[early, late, third]) Assert.Equal(0, client.Refresh(0).Code);
        Assert.Equal(0, world.Shared.Use.Of("room:tea"));
    }

    [Fact]
    public void A_full_range_is_insufficient_capacity_and_costs_no_quota()
    {
        var world = new TurnWorld(settings: new() { Realm = TurnWorld.Realm, FirstPort = 50000, LastPort = 50001 });
        Assert.Equal([0, 0, 508], Enumerable.Range(0, 3).Select(i => world.Client(from: $"203.0.114.5:{4000 + i}").Allocate().Code));
        Assert.Equal(2, world.Shared.Use.Of("ann@example.org"));
    }

    [Fact]
    public void A_refresh_of_zero_ends_the_allocation_at_once()
    {
        var world = new TurnWorld();
        var client = world.Client();
        var relay = world.RelayOf(client.Allocate().Relayed);
        var answer = client.Refresh(0);
        Assert.Equal((0, 0u), (answer.Code, answer.Lifetime));
        Assert.True(relay.IsClosed);
        Assert.Equal(437, client.Refresh(0).Code);
        Assert.Equal(437, client.Permit(TurnWorld.At("8.8.8.8:1")).Code);
        Assert.Equal(437, client.Bind(0x4000, TurnWorld.At("8.8.8.8:1")).Code);
        Assert.Equal(0, client.Allocate().Code);
    }

    [Fact]
    public void A_live_allocation_is_kept_by_a_user_who_may_make_no_new_one()
    {
        var world = new TurnWorld();
        var client = world.Client();
        client.Allocate();
        world.Users.Remove("ann");
        Assert.Equal(401, world.Client(from: "203.0.114.5:4001").Allocate().Code);
        world.Run(500_000);
        Assert.Equal(0, client.Refresh(600).Code);
        Assert.Equal(0, client.Permit(TurnWorld.At("8.8.8.8:1")).Code);
        client.Password = "wrong";
        Assert.Equal(401, client.Refresh(600).Code);
    }

    [Fact]
    public void Another_users_allocation_is_not_for_changing()
    {
        var world = new TurnWorld();
        world.Client().Allocate();
        var other = world.Client("bob");
        Assert.Equal(441, other.Refresh(0).Code);
        Assert.Equal(441, other.Permit(TurnWorld.At("8.8.8.8:1")).Code);
        Assert.Equal(441, other.Bind(0x4000, TurnWorld.At("8.8.8.8:1")).Code);
    }

    [Fact]
    public void Closing_a_server_closes_every_port()
    {
        var world = new TurnWorld(workers: 2);
        for (var i = 0; i < 4; i++) world.Client(from: $"203.0.114.5:{4000 + i}", worker: i % 2).Allocate((ref StunWriter w) => w.Add(StunAttribute.EvenPort, [EvenPortAndNext]));
        world.Workers[0].Server.Close();
        Assert.Equal(4, world.Shared.Use.Of("ann@example.org"));
        world.Workers[1].Server.Close();
        Assert.All(world.Relays, r => Assert.True(r.IsClosed));
        Assert.Equal((0, 0), (world.Shared.Use.Of("ann@example.org"), world.Shared.Reservations.Count));
        Assert.DoesNotContain(Enumerable.Range(0, 65536), p => world.Shared.Bound.Contains(p, false) || world.Shared.Live.Contains(p, false));
    }
}
