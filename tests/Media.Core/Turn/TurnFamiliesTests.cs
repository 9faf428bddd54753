using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

/// <summary>One allocation with an address of each family (RFC 8656 sections 7.1 and 7.2), DONT-FRAGMENT and ICMP errors.</summary>
public sealed class TurnFamiliesTests
{
    private const string Home = "203.0.114.5:4000", Ann = "ann@example.org";
    private static readonly AddressKey PeerIPv4 = TurnWorld.At("8.8.8.8:5000"), PeerIPv6 = TurnWorld.At("[2a00:2::1]:5000");
    private static readonly AddAttributes Both = (ref StunWriter w) => w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]);

    [Fact]
    public void Both_families_relay_in_one_allocation()
    {
        var world = Dual();
        var client = world.Client();
        var relayed = Relayed(client.Allocate(Both));
        Assert.Equal([TurnWorld.Advertised, TurnWorld.Bits("2a00:1::7")], relayed.Select(r => r.Address));
        Assert.Equal((2, 1), (world.Shared.Use.Of(Ann), (int)world.Workers[0].Server.Counters.Allocations));

        Assert.Equal(0, client.Permit(PeerIPv4, PeerIPv6).Code);
        Assert.Equal(0, client.Bind(0x4001, PeerIPv6).Code);
        world.Workers[0].Handle(Home, TurnClient.Send(PeerIPv4, [4]));
        world.Workers[0].Handle(Home, TurnClient.ChannelData(0x4001, [6]));
        Assert.Equal([4], Assert.Single(world.RelayOf(relayed[0]).Sent).Data);
        Assert.Equal([6], Assert.Single(world.RelayOf(relayed[1]).Sent).Data);
        world.Workers[0].Take(Home);
        world.Workers[0].Server.HandlePeer(world.RelayOf(relayed[1]), PeerIPv6, [7], world.NowMs);
        Assert.Equal(TurnClient.ChannelData(0x4001, [7]), Assert.Single(world.Workers[0].Take(Home)));

        Assert.Equal(0, client.Refresh(0).Code);
        Assert.All(world.Relays, r => Assert.True(r.IsClosed));
        Assert.Equal(0, world.Shared.Use.Of(Ann));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void One_family_can_be_given_up(byte family)
    {
        var world = Dual();
        var client = world.Client();
        var relayed = Relayed(client.Allocate(Both));
        TurnAnswer End(byte which) => client.Ask(StunMethod.Refresh, (ref StunWriter w) =>
        {
            w.AddUInt32(StunAttribute.Lifetime, 0);
            w.Add(StunAttribute.RequestedAddressFamily, [which, 0, 0, 0]);
        });
        Assert.Equal((0, 0u), (End(family).Code, client.Refresh(600).Code == 0 ? 0u : 1u));
        Assert.Equal(1, world.Shared.Use.Of(Ann));
        Assert.Equal(relayed[family == 1 ? 1 : 0].Port, world.Relays.Single(r => !r.IsClosed).Port);
        Assert.Equal(443, client.Permit(family == 1 ? PeerIPv4 : PeerIPv6).Code);
        Assert.Equal(0, client.Permit(family == 1 ? PeerIPv6 : PeerIPv4).Code);
        Assert.Equal(443, End(family).Code);
        Assert.Equal(0, End((byte)(3 - family)).Code);
        Assert.Equal((437, 0), (client.Refresh(600).Code, world.Shared.Use.Of(Ann)));
    }

    [Fact]
    public void Of_two_families_one_will_do_and_the_others_failure_is_told()
    {
        var onlyIPv6 = new TurnWorld(addresses: new(null, new(TurnWorld.Bits("2a00:1::7"), TurnWorld.Bits("2a00:1::7")))).Client().Allocate(Both);
        Assert.Equal((0, TurnWorld.Bits("2a00:1::7")), (onlyIPv6.Code, onlyIPv6.Relayed.Address));
        Assert.Equal([1, 0, 4, 40], onlyIPv6.Get(StunAttribute.AddressErrorCode));

        var quota = Dual(new() { Realm = TurnWorld.Realm, AllocationsPerAccount = 1 }).Client();
        var one = quota.Allocate(Both);
        Assert.Equal((0, TurnWorld.Advertised), (one.Code, one.Relayed.Address));
        Assert.Equal([2, 0, 4, 86], one.Get(StunAttribute.AddressErrorCode));

        var full = Dual(new() { Realm = TurnWorld.Realm, FirstPort = 50000, LastPort = 50001 });
        full.Taken.UnionWith([50000, 50001]);
        Assert.Equal(508, full.Client().Allocate(Both).Code);
        Assert.Equal(0, full.Shared.Use.Of(Ann));
        Assert.Equal(440, new TurnWorld(addresses: new(null)).Client().Allocate(Both).Code);
    }

    [Fact]
    public void A_datagram_that_must_not_be_fragmented_is_sent_so()
    {
        var world = new TurnWorld(canForbidFragments: true);
        var client = world.Client();
        Assert.Equal(0, client.Allocate((ref StunWriter w) => w.AddFlag(StunAttribute.DontFragment)).Code);
        Assert.Equal(0, client.Permit(PeerIPv4).Code);
        var buffer = new byte[200];
        var send = new StunWriter(buffer, StunClass.Indication, StunMethod.Send, new byte[12]);
        send.AddXorAddress(StunAttribute.XorPeerAddress, PeerIPv4);
        send.AddFlag(StunAttribute.DontFragment);
        send.Add(StunAttribute.Data, [1, 2]);
        world.Workers[0].Handle(Home, send.Written.ToArray());
        world.Workers[0].Handle(Home, TurnClient.Send(PeerIPv4, [3]));
        Assert.Equal((2, 1), (world.Relays[0].Sent.Count, world.Relays[0].Unfragmented));
    }

    [Theory]
    [InlineData(false, 3, 3, 0u)]
    [InlineData(false, 3, 4, 1400u)]
    [InlineData(false, 11, 0, 0u)]
    [InlineData(true, 1, 4, 0u)]
    [InlineData(true, 2, 0, 1280u)]
    public void An_icmp_error_is_told_in_a_data_indication(bool isIPv6, byte type, byte code, uint mtu)
    {
        var world = Dual();
        var client = world.Client();
        var relay = world.RelayOf(Relayed(client.Allocate(Both))[isIPv6 ? 1 : 0]);
        var peer = isIPv6 ? PeerIPv6 : PeerIPv4;
        world.Workers[0].Server.HandlePeerError(relay, peer, new IcmpError(type, code, mtu), world.NowMs); // nobody permitted
        Assert.Equal(0, client.Permit(peer).Code);
        world.Workers[0].Take(Home);
        world.Workers[0].Server.HandlePeerError(relay, peer, new IcmpError(type, code, mtu), world.NowMs);
        world.Workers[0].Server.HandlePeerError(relay, peer, new IcmpError(5, 0, 0), world.NowMs); // a redirect is no error
        var told = new TurnAnswer(Assert.Single(world.Workers[0].Take(Home)));
        Assert.Equal((StunClass.Indication, StunMethod.Data), (told.Message.Class, told.Message.Method));
        Assert.True(told.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var shown));
        Assert.Equal(peer, shown);
        Assert.Equal([0, 0, (byte)(type << 1), code, (byte)(mtu >> 24), (byte)(mtu >> 16), (byte)(mtu >> 8), (byte)mtu], told.Get(StunAttribute.Icmp));
        Assert.DoesNotContain(StunAttribute.Data, told.Attributes);
        world.Run(300_000);
        world.Workers[0].Server.HandlePeerError(relay, peer, new IcmpError(type, code, mtu), world.NowMs);
        Assert.Empty(world.Workers[0].Take(Home));
    }

    private static TurnWorld Dual(TurnSettings? settings = null) =>
        new(settings: settings, addresses: new(new(TurnWorld.Advertised, TurnWorld.Bound), new(TurnWorld.Bits("2a00:1::7"), TurnWorld.Bits("2a00:1::7"))));

    private static List<AddressKey> Relayed(TurnAnswer answer)
    {
        Assert.Equal(0, answer.Code);
        List<AddressKey> relayed = [];
        foreach (var attribute in answer.Message)
        {
            if (attribute.Type != StunAttribute.XorRelayedAddress) continue;
            var alone = new StunWriter(new byte[100], StunClass.Success, StunMethod.Allocate, answer.Message.TransactionId);
            alone.Add(StunAttribute.XorRelayedAddress, attribute.Value);
            relayed.Add(new TurnAnswer(alone.Written.ToArray()).Relayed);
        }

        return relayed;
    }
}
