using System.Net;
using System.Net.Sockets;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.tests.Lab;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>What the kernel does for TURN: ICMP errors, the DF bit, both families; and removed accounts on real workers.</summary>
public sealed class TurnKernelTests
{
    [Fact]
    public void A_peers_icmp_error_is_told_and_no_other_data_is_lost()
    {
        using var host = new TurnHost(allowed: ["127.0.0.0/8"]);
        using Socket a = host.Socket(), peer = host.Socket();
        var client = host.Client(a);
        Assert.Equal(0, client.Allocate().Code);
        using var gone = host.Socket();
        var (closed, open) = (AddressKey.Of((IPEndPoint)gone.LocalEndPoint!), AddressKey.Of((IPEndPoint)peer.LocalEndPoint!));
        gone.Dispose();
        Assert.Equal(0, client.Bind(0x4000, closed).Code);
        Assert.Equal(0, client.Bind(0x4001, open).Code);
        for (byte i = 0; i < 50; i++)
        {
            a.SendTo(TurnClient.ChannelData(0x4000, [i]), host.EndPoint);
            var told = new TurnAnswer(TurnHost.Receive(a));
            Assert.Equal((StunClass.Indication, StunMethod.Data), (told.Message.Class, told.Message.Method));
            Assert.Equal([0, 0, 3 << 1, 3, 0, 0, 0, 0], told.Get(StunAttribute.Icmp)); // port unreachable
            Assert.True(told.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var about));
            Assert.Equal(closed, about);
            a.SendTo(TurnClient.ChannelData(0x4000, [i]), host.EndPoint);
            a.SendTo(TurnClient.ChannelData(0x4001, [i]), host.EndPoint);
            Assert.Equal([i], TurnHost.Receive(peer));
            Assert.Equal([0, 0, 3 << 1, 3, 0, 0, 0, 0], new TurnAnswer(TurnHost.Receive(a)).Get(StunAttribute.Icmp));
        }

        Assert.Equal(100, host.Relay.ReadLoad().IcmpErrors);
    }

    [Fact]
    public void A_datagram_that_must_not_be_fragmented_is_lost_where_it_is_too_long_and_others_are_not()
    {
        using var ns = NetworkNamespace.Create();
        ns.Ip("link", "set", "lo", "mtu", "1300");
        using var host = new TurnHost(ns, allowed: ["127.0.0.0/8"]);
        using Socket a = host.Socket(), peer = host.Socket();
        var client = host.Client(a);
        Assert.Equal(0, client.Allocate((ref StunWriter w) => w.AddFlag(StunAttribute.DontFragment)).Code);
        var to = AddressKey.Of((IPEndPoint)peer.LocalEndPoint!);
        Assert.Equal(0, client.Permit(to).Code);
        foreach (var (size, dontFragment, passes) in new[] { (1400, true, false), (1400, false, true), (1200, true, true), (1400, false, true) })
        {
            var buffer = new byte[1600];
            var send = new StunWriter(buffer, StunClass.Indication, StunMethod.Send, new byte[12]);
            send.AddXorAddress(StunAttribute.XorPeerAddress, to);
            if (dontFragment) send.AddFlag(StunAttribute.DontFragment);
            send.Add(StunAttribute.Data, new byte[size]);
            a.SendTo(send.Written.ToArray(), host.EndPoint);
            if (passes) Assert.Equal(size, TurnHost.Receive(peer).Length); // so the one before was lost
        }
    }

    [Fact]
    public void Both_families_relay_on_one_machine()
    {
        using var ns = NetworkNamespace.Create();
        using var host = new TurnHost(ns, "0.0.0.0", advertised: NetworkNamespace.Address, allowed: ["fd00::/8"]);
        ns.Ip("-6", "addr", "add", "fd00::7/64", "dev", "lo", "nodad");
        using var socket = host.Socket(NetworkNamespace.Address);
        var server = new IPEndPoint(IPAddress.Parse(NetworkNamespace.Address), host.Relay.Port);
        var username = TurnHost.UsernameOf("ann", TimeSpan.FromHours(1));
        var client = new TurnClient(request =>
        {
            socket.SendTo(request, server);
            return TurnHost.Receive(socket);
        }, username, TurnHost.PasswordOf(username));
        var answer = client.Allocate((ref StunWriter w) => w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]));
        Assert.Equal(0, answer.Code);
        Assert.True(answer.Relayed.IsIPv4);
        // The machine had no IPv6 address when the server started: that family alone is refused.
        Assert.Equal([2, 0, 4, 40], answer.Get(StunAttribute.AddressErrorCode));

        using var both = new TurnHost(ns, "0.0.0.0", advertised: NetworkNamespace.Address, allowed: ["fd00::/8"]);
        server.Port = both.Relay.Port;
        client.Nonce = [];
        answer = client.Allocate((ref StunWriter w) => w.Add(StunAttribute.AdditionalAddressFamily, [2, 0, 0, 0]));
        Assert.Equal((0, 0), (answer.Code, answer.Get(StunAttribute.AddressErrorCode).Length));
        using var peer = ns.Socket(AddressFamily.InterNetworkV6, SocketType.Dgram, ProtocolType.Udp);
        peer.Bind(new IPEndPoint(IPAddress.Parse("fd00::7"), 0));
        peer.ReceiveTimeout = 10_000;
        Assert.Equal(0, client.Bind(0x4000, AddressKey.Of((IPEndPoint)peer.LocalEndPoint!)).Code);
        socket.SendTo(TurnClient.ChannelData(0x4000, "six"u8), server);
        var buffer = new byte[100];
        EndPoint from = new IPEndPoint(IPAddress.IPv6Any, 0);
        Assert.Equal("six"u8.ToArray(), buffer[..peer.ReceiveFrom(buffer, ref from)]);
        peer.SendTo("back"u8, from);
        Assert.Equal(TurnClient.ChannelData(0x4000, "back"u8), TurnHost.Receive(socket));
    }

    [Fact]
    public void A_removed_account_loses_what_all_workers_hold_for_it()
    {
        using var host = new TurnHost();
        var clients = Enumerable.Range(0, 12).Select(_ => host.Socket()).Select(s => (Socket: s, Client: host.Client(s))).ToList();
        Assert.All(clients, c => Assert.Equal(0, c.Client.Allocate().Code));
        Assert.All(host.Relay.ReadLoads(), l => Assert.InRange(l.Allocations, 1, 11));
        host.Relay.Revoke("ann");
        Assert.True(SpinWait.SpinUntil(() => host.Relay.ReadLoad().Allocations == 0, 2000));
        Assert.Equal(12, host.Relay.ReadLoad().Revoked);
        Assert.All(clients, c => Assert.Equal(437, c.Client.Refresh(600).Code));
        Assert.Equal(403, clients[0].Client.Allocate().Code);
        Assert.Equal((0, 12), (host.Relay.ReadAccounts().Single().Allocations, host.Relay.ReadAccounts().Single().AllocationsMade));
        foreach (var (socket, _) in clients) socket.Dispose();
    }
}
