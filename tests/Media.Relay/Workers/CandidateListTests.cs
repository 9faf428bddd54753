using System.Net;
using Parley.Media.Core.Turn;
using Parley.Media.Relay.Workers;

namespace Parley.tests.Media.Relay.Workers;

public sealed class CandidateListTests
{
    private static readonly IPAddress Lan = IPAddress.Parse("192.168.1.7"), Wide = IPAddress.Parse("2001:db8::7"), Public = IPAddress.Parse("203.0.113.5"), LinkLocal = IPAddress.Parse("fe80::1");

    [Fact]
    public void The_advertised_address_comes_first_then_what_is_bound_ipv4_before_ipv6()
    {
        var list = new CandidateList(IPAddress.Any, Public, isLoopbackOnly: false, new(false, [Wide, IPAddress.Loopback, LinkLocal, Lan]));
        var candidates = list.At(10_000, hasIPv6: true);
        Assert.Equal([Public, Lan, Wide], candidates.Select(c => c.Address.Address));
        Assert.Equal(candidates.Select(c => c.Priority).OrderDescending(), candidates.Select(c => c.Priority));
        Assert.Equal(3, candidates.Select(c => c.Id).Distinct().Count());
        Assert.All(candidates, c => Assert.Equal((1, "host", 10_000), (c.Component, c.Type, c.Address.Port)));
        Assert.Equal([Public, Lan], list.At(10_000, hasIPv6: false).Select(c => c.Address.Address));
    }

    [Fact]
    public void Bound_to_one_address_it_offers_that_and_what_is_advertised()
    {
        Assert.Equal([Public, Lan], new CandidateList(Lan, Public, false, new(false, [Lan, Wide])).Addresses(hasIPv6: false));
        Assert.Equal([Lan], new CandidateList(Lan, Lan, false, new(false, [Lan, Wide])).Addresses(hasIPv6: false));
    }

    [Fact]
    public void A_loopback_only_server_offers_the_interfaces_and_hears_only_this_machine()
    {
        var addresses = new LocalAddresses(true, [Lan, IPAddress.Loopback]);
        Assert.Equal([IPAddress.Loopback, Lan], new CandidateList(IPAddress.Loopback, IPAddress.Loopback, true, addresses).Addresses(hasIPv6: true));
        Assert.Contains(AddressBits.Of(Lan), (IReadOnlySet<UInt128>)addresses.AllowedSources!);
        Assert.Contains(AddressBits.Of(IPAddress.Loopback), (IReadOnlySet<UInt128>)addresses.AllowedSources!);
        Assert.DoesNotContain(AddressBits.Of(Public), (IReadOnlySet<UInt128>)addresses.AllowedSources!);
        Assert.Null(new LocalAddresses(false, [Lan]).AllowedSources);
    }
}
