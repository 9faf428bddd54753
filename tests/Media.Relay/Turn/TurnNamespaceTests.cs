using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.tests.Lab;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>Bound to an interface's address, as a public server is.</summary>
public sealed class TurnNamespaceTests
{
    [Theory]
    [InlineData(NetworkNamespace.Address)]
    [InlineData("0.0.0.0")]
    public void Special_addresses_are_forbidden_and_the_own_one_is_judged_by_port(string bind)
    {
        using var ns = NetworkNamespace.Create();
        using var host = new TurnHost(ns, bind, advertised: NetworkNamespace.Address, media: [new(IPAddress.Parse(NetworkNamespace.Address), 10000), new(IPAddress.Loopback, 10000)]);
        using var socket = host.Socket(NetworkNamespace.Address);
        var client = host.Client(socket);
        var server = new IPEndPoint(IPAddress.Parse(NetworkNamespace.Address), host.Relay.Port);
        client = new TurnClient(request =>
        {
            socket.SendTo(request, server);
            return TurnHost.Receive(socket);
        }, client.Username, client.Password);
        Assert.Equal(NetworkNamespace.Address, client.Allocate().Relayed.ToIPEndPoint().Address.ToString());
        foreach (var special in new[] { "127.0.0.1", "10.0.0.1", "169.254.169.254" })
        {
            Assert.Equal(403, client.Permit(TurnWorld.At(special + ":10000")).Code);
            Assert.Equal(403, client.Bind(0x4000, TurnWorld.At(special + ":10000")).Code);
        }

        Assert.Equal(0, client.Permit(TurnWorld.At(NetworkNamespace.Address + ":1")).Code);
        Assert.Equal(403, client.Bind(0x4000, TurnWorld.At(NetworkNamespace.Address + ":22")).Code);
        Assert.Equal(0, client.Bind(0x4000, TurnWorld.At(NetworkNamespace.Address + ":10000")).Code);
    }

    [Fact]
    public void Another_advertised_address_is_told_from_the_next_allocation_on()
    {
        using var ns = NetworkNamespace.Create();
        using var host = new TurnHost(ns, NetworkNamespace.Address, advertised: "198.51.99.7", workers: 1);
        using Socket before = host.Socket(NetworkNamespace.Address), after = host.Socket(NetworkNamespace.Address);
        Assert.Equal("198.51.99.7", host.Client(before).Allocate().Relayed.ToIPEndPoint().Address.ToString());

        host.Relay.Advertise(IPAddress.Parse("198.51.99.8"));
        TurnAnswer answer;
        var client = host.Client(after);
        var over = Environment.TickCount64 + 15_000;
        // A worker looks every five seconds.
        while ((answer = client.Allocate()).Relayed.ToIPEndPoint().Address.ToString() == "198.51.99.7" && Environment.TickCount64 < over)
        {
            Assert.Equal(0, client.Refresh(0).Code);
            Thread.Sleep(200);
        }

        Assert.Equal("198.51.99.8", answer.Relayed.ToIPEndPoint().Address.ToString());
        // It is this machine's own: other ports than those of allocations and media are nobody's peers.
        Assert.Equal(403, client.Bind(0x4000, TurnWorld.At("198.51.99.8:22")).Code);
    }

    [Fact]
    public void Behind_a_one_to_one_nat_the_advertised_address_is_the_bound_one()
    {
        const string Public = "198.51.99.7"; // on no interface here: a packet to it would leave by the default route and be lost
        using var ns = NetworkNamespace.Create();
        using var host = new TurnHost(ns, NetworkNamespace.Address, advertised: Public);
        using var a = host.Socket(NetworkNamespace.Address);
        using var b = host.Socket(NetworkNamespace.Address);
        var (ann, bob) = (host.Client(a), host.Client(b, "bob"));
        var (atAnn, atBob) = (ann.Allocate().Relayed, bob.Allocate().Relayed);
        Assert.Equal(AddressKey.Of(IPEndPoint.Parse($"{Public}:{atAnn.Port}")), atAnn);
        Assert.Equal(0, ann.Bind(0x4000, atBob).Code);
        Assert.Equal(0, bob.Permit(atAnn).Code);
        a.SendTo(TurnClient.ChannelData(0x4000, "hello"u8), host.EndPoint);
        var indication = new TurnAnswer(TurnHost.Receive(b));
        Assert.True(indication.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var from));
        Assert.Equal(atAnn, from);
        b.SendTo(TurnClient.Send(atAnn, "hi"u8), host.EndPoint);
        Assert.Equal(TurnClient.ChannelData(0x4000, "hi"u8), TurnHost.Receive(a));
    }
}
