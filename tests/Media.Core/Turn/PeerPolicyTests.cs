using System.Buffers.Binary;
using System.Net;
using FsCheck;
using FsCheck.Fluent;
using Parley.Media.Core.Turn;

namespace Parley.tests.Media.Core.Turn;

public sealed class PeerPolicyTests
{
    private const string Advertised = "198.51.99.7", Bound = "10.1.2.3";
    private readonly LivePorts _live = new();

    [Theory]
    [InlineData("0.1.2.3")]
    [InlineData("10.0.0.1")]
    [InlineData("100.64.0.1")]
    [InlineData("127.0.0.1")]
    [InlineData("127.255.255.254")]
    [InlineData("169.254.169.254")]
    [InlineData("172.31.255.255")]
    [InlineData("192.0.0.8")]
    [InlineData("192.168.1.1")]
    [InlineData("198.19.0.1")]
    [InlineData("224.0.0.1")]
    [InlineData("255.255.255.255")]
    public void Special_addresses_are_refused_in_every_encoding(string ipv4)
    {
        var policy = Policy();
        foreach (var encoded in Encodings(IPAddress.Parse(ipv4))) AssertRefused(policy, encoded);
    }

    [Theory]
    [InlineData("::")]
    [InlineData("::1")]
    [InlineData("100::1")]
    [InlineData("64:ff9b:1::808:808")]
    [InlineData("2001::1")] // Teredo
    [InlineData("2001:0:4136:e378:8000:63bf:3fff:fdd2")]
    [InlineData("2001:db8::1")]
    [InlineData("3fff::1")]
    [InlineData("fc00::1")]
    [InlineData("fd12::1")]
    [InlineData("fe80::1")]
    [InlineData("fec0::1")]
    [InlineData("ff02::1")]
    [InlineData("::808:808")] // IPv4-compatible
    [InlineData("::ffff:127.0.0.1")] // CVE-2026-27624: mapped
    [InlineData("::ffff:0.0.0.0")]
    [InlineData("::ffff:10.0.0.1")]
    [InlineData("::ffff:169.254.169.254")]
    [InlineData("::7f00:1")] // 127.0.0.1, IPv4-compatible
    [InlineData("64:ff9b::7f00:1")] // and by NAT64
    [InlineData("64:ff9b::a9fe:a9fe")]
    [InlineData("64:ff9b:1:ffff::1")]
    [InlineData("2002:7f00:1::1")] // and by 6to4
    [InlineData("2002:a00:1::1")]
    [InlineData("2002:c0a8:101::c0a8:101")]
    [InlineData("::ffff:0:808:808")] // SIIT
    public void Special_ipv6_addresses_are_refused(string address) => AssertRefused(Policy(), IPAddress.Parse(address));

    [Theory]
    [InlineData("8.8.8.8")]
    [InlineData("::ffff:8.8.8.8")]
    [InlineData("172.32.0.1")]
    [InlineData("100.128.0.1")]
    [InlineData("2002:808:808::1")]
    [InlineData("64:ff9b::808:808")]
    [InlineData("2a00:1450:4001::1")]
    [InlineData("2001:470::1")]
    public void Public_addresses_pass_at_any_port(string address)
    {
        var bits = AddressBits.Of(IPAddress.Parse(address));
        Assert.True(Policy().PermitsAddress(bits, false));
        Assert.True(Policy().PermitsData(bits, 9, false));
        Assert.False(Policy().PermitsData(bits, 0, false));
    }

    [Theory]
    [InlineData(Advertised)]
    [InlineData(Bound)]
    public void Own_addresses_are_reached_at_media_ports_and_live_allocations_only(string address)
    {
        var policy = Policy();
        foreach (var bits in (UInt128[])[AddressBits.Of(IPAddress.Parse(address)), AddressBits.Of(IPAddress.Parse(address).MapToIPv6())])
        {
            Assert.True(policy.PermitsAddress(bits, false));
            Assert.True(policy.PermitsData(bits, 10000, false));
            Assert.False(policy.PermitsData(bits, 22, false));
            Assert.False(policy.PermitsData(bits, 50000, false));
            _live.Add(50000, isIPv6: false);
            Assert.True(policy.PermitsData(bits, 50000, false));
            _live.Remove(50000, isIPv6: false);
            Assert.False(policy.PermitsData(bits, 50000, false));
        }
    }

    [Fact]
    public void An_own_address_inside_another_form_does_not_slip_past_the_port()
    {
        foreach (var encoded in Encodings(IPAddress.Parse(Advertised)).Skip(2)) AssertRefused(Policy(), encoded);
    }

    [Fact]
    public void Loopback_is_own_only_while_the_server_is_bound_to_it()
    {
        var loopback = AddressBits.Of(IPAddress.Loopback);
        var bound = Policy(own: "127.0.0.1", isLoopbackOnly: true);
        Assert.True(bound.PermitsAddress(loopback, false));
        Assert.True(bound.PermitsData(loopback, 10000, false));
        Assert.False(bound.PermitsData(loopback, 22, false));
        AssertRefused(bound, IPAddress.Parse("127.0.0.2"));
        AssertRefused(Policy(own: "127.0.0.1", isLoopbackOnly: false), IPAddress.Loopback, 10000);
        AssertRefused(Policy(own: "127.0.0.1", isLoopbackOnly: false), IPAddress.Loopback.MapToIPv6(), 10000);
    }

    [Fact]
    public void Media_ports_count_by_address_and_port()
    {
        var policy = new PeerPolicy([], [IPAddress.Parse(Bound)], [new IPEndPoint(IPAddress.Parse("192.168.7.7"), 10000)], _live, false);
        Assert.True(policy.PermitsData(AddressBits.Of(IPAddress.Parse("192.168.7.7")), 10000, false));
        Assert.False(policy.PermitsData(AddressBits.Of(IPAddress.Parse("192.168.7.7")), 22, false));
        Assert.False(policy.PermitsData(AddressBits.Of(IPAddress.Parse(Bound)), 10000, false));
    }

    [Fact]
    public void What_the_operator_allows_passes_at_any_port_before_all_else()
    {
        var policy = Policy(allowed: ["10.0.0.0/8", "::1/128"]);
        foreach (var address in (string[])["10.0.0.1", Bound, "::ffff:10.9.9.9", "::1"])
        {
            Assert.True(policy.PermitsAddress(AddressBits.Of(IPAddress.Parse(address)), false));
            Assert.True(policy.PermitsData(AddressBits.Of(IPAddress.Parse(address)), 22, false));
        }

        AssertRefused(policy, IPAddress.Parse("192.168.0.1"));
    }

    [Fact]
    public void Guests_reach_our_media_ports_and_nothing_else()
    {
        var policy = Policy(allowed: ["0.0.0.0/0"]);
        _live.Add(50000, false);
        var own = AddressBits.Of(IPAddress.Parse(Advertised));
        Assert.True(policy.PermitsAddress(own, true));
        Assert.True(policy.PermitsData(own, 10000, true));
        Assert.False(policy.PermitsData(own, 50000, true));
        Assert.False(policy.PermitsData(own, 22, true));
        Assert.False(policy.PermitsAddress(AddressBits.Of(IPAddress.Parse("8.8.8.8")), true));
        Assert.False(policy.PermitsData(AddressBits.Of(IPAddress.Parse("8.8.8.8")), 10000, true));
    }

    [Fact]
    public void Any_ipv4_address_is_worth_the_same_in_each_form_that_embeds_it() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
        IPv4Addresses, address =>
        {
            var policy = Policy(own: "198.51.99.7");
            return Encodings(address).Select(e => policy.PermitsData(AddressBits.Of(e), 9, false)).Distinct().Count() == 1
                && policy.PermitsData(AddressBits.Of(address), 9, false) == IsPublicByOctets(address.GetAddressBytes());
        }));

    [Fact]
    public void Data_never_passes_where_a_permission_would_not() => Check.One(Config.QuickThrowOnFailure.WithMaxTest(2000), Prop.ForAll(
        IPv4Addresses, Gen.Choose(0, 5).ToArbitrary(), ArbMap.Default.ArbFor<bool>(), (address, encoding, isGuest) =>
        {
            var policy = Policy(allowed: ["10.0.0.0/9"]);
            var bits = AddressBits.Of(Encodings(address).ElementAt(encoding));
            return ((int[])[22, 10000]).All(port => !policy.PermitsData(bits, port, isGuest) || policy.PermitsAddress(bits, isGuest));
        }));

    // Anywhere, or within one of where a range begins or ends: FsCheck's own numbers are small and would hardly leave 0.0.0.0/8.
    private static readonly Arbitrary<IPAddress> IPv4Addresses = Gen.OneOf(
        Gen.Choose(0, 255).ArrayOf(4).Select(octets => new IPAddress([.. octets.Select(o => (byte)o)])),
        from edge in Gen.Elements("1.0.0.0", "10.0.0.0", "11.0.0.0", "100.64.0.0", "100.128.0.0", "127.0.0.0", "128.0.0.0", "169.254.0.0", "169.255.0.0", "172.16.0.0",
            "172.32.0.0", "192.0.0.0", "192.0.1.0", "192.0.2.0", "192.0.3.0", "192.88.99.0", "192.88.100.0", "192.168.0.0", "192.169.0.0", "198.18.0.0", "198.20.0.0",
            "198.51.99.7", "198.51.100.0", "198.51.101.0", "203.0.113.0", "203.0.114.0", "224.0.0.0", "240.0.0.0")
        from step in Gen.Choose(-1, 1)
        select Step(IPAddress.Parse(edge), step)).ToArbitrary();

    private static IPAddress Step(IPAddress address, int step)
    {
        var bytes = address.GetAddressBytes();
        BinaryPrimitives.WriteUInt32BigEndian(bytes, (uint)(BinaryPrimitives.ReadUInt32BigEndian(bytes) + step));
        return new IPAddress(bytes);
    }

    // Written apart from the ranges of the code, octet by octet.
    private static bool IsPublicByOctets(byte[] a) => !(a[0] is 0 or 10 or 127 or >= 224 || (a[0] == 100 && (a[1] & 0xc0) == 64) || (a[0] == 169 && a[1] == 254)
        || (a[0] == 172 && (a[1] & 0xf0) == 16) || (a[0] == 192 && a[1] == 168) || (a[0] == 192 && a[1] == 0 && a[2] is 0 or 2)
        || (a[0] == 192 && a[1] == 88 && a[2] == 99) || (a[0] == 198 && a[1] is 18 or 19) || (a[0] == 198 && a[1] == 51 && a[2] == 100)
        || (a[0] == 203 && a[1] == 0 && a[2] == 113) || (a[0] == 198 && a[1] == 51 && a[2] == 99 && a[3] == 7));

    private static IEnumerable<IPAddress> Encodings(IPAddress ipv4)
    {
        var b = ipv4.GetAddressBytes();
        yield return ipv4;
        yield return ipv4.MapToIPv6();
        yield return new IPAddress([0x20, 0x02, .. b, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1]);
        yield return new IPAddress([0, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0, .. b]);
        yield return new IPAddress([0x2a, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0x5e, 0xfe, .. b]);
        yield return new IPAddress([0x2a, 0, 0, 1, 0, 0, 0, 0, 2, 0, 0x5e, 0xfe, .. b]);
    }

    private PeerPolicy Policy(string[]? allowed = null, string? own = null, bool isLoopbackOnly = false)
    {
        var addresses = own is null ? new[] { IPAddress.Parse(Advertised), IPAddress.Parse(Bound) } : [IPAddress.Parse(own)];
        return new PeerPolicy((allowed ?? []).Select(IPNetwork.Parse), addresses, addresses.Select(a => new IPEndPoint(a, 10000)), _live, isLoopbackOnly);
    }

    private static void AssertRefused(PeerPolicy policy, IPAddress address, int port = 3478)
    {
        foreach (var isGuest in (bool[])[false, true])
        {
            Assert.False(policy.PermitsAddress(AddressBits.Of(address), isGuest));
            Assert.False(policy.PermitsData(AddressBits.Of(address), port, isGuest));
        }
    }
}
