using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Media.Core;
using Parley.Media.Core.Stun;
using Parley.tests.Media.Core.Turn;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>TCP allocations (RFC 6062) with real peers.</summary>
public sealed class TcpRelayingTests : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    private readonly TurnHost _host = new(allowed: ["127.0.0.1/32"]);
    private readonly StreamClient _control;
    private readonly TurnClient _ann;
    private readonly AddressKey _relayed;
    private int _port = 6000;

    public TcpRelayingTests()
    {
        _control = _host.Connect("127.0.0.1:5000");
        _ann = _control.As("ann");
        var answer = _ann.Ask(StunMethod.Allocate, (ref StunWriter w) => w.AddUInt32(StunAttribute.RequestedTransport, 6u << 24));
        Assert.Equal(0, answer.Code);
        _relayed = answer.Relayed;
    }

    [Fact]
    public async Task Megabytes_pass_both_ways_in_order_and_each_end_is_told_of_the_others()
    {
        using var listener = Listener();
        using var data = await ConnectAsync(listener);
        using var peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        Assert.Equal(_relayed.ToIPEndPoint(), peer.RemoteEndPoint); // from the relayed address itself
        var bytes = RandomNumberGenerator.GetBytes(5_000_000);
        var echo = Task.Run(async () =>
        {
            var buffer = new byte[50_000];
            for (int count; (count = await peer.ReceiveAsync(buffer)) > 0;) await peer.SendAsync(buffer.AsMemory(0, count));
            peer.Shutdown(SocketShutdown.Both);
        }, TestContext.Current.CancellationToken);

        var sending = data.SendAllAsync(bytes);
        Assert.Equal(bytes, await data.ReadAsync(bytes.Length));
        await sending;
        data.Close();
        await echo.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await data.Served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        Assert.Equal(2L * bytes.Length, _host.Relay.TcpBytes);
        // Its peer is free for another connection.
        using var again = await ConnectAsync(listener);
    }

    [Fact]
    public async Task Bytes_behind_the_request_in_one_piece_are_the_peers()
    {
        using var listener = Listener();
        var id = Id(_ann.Ask(StunMethod.Connect, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, Of(listener))));
        using var peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        using var data = _host.Connect("127.0.0.1:6000");
        var client = new TurnClient(data.Exchange, _ann.Username, _ann.Password);
        client.Learn(client.AskOnce(StunMethod.ConnectionBind, null));
        data.Send([.. client.Request(StunMethod.ConnectionBind, (ref StunWriter w) => w.AddUInt32(StunAttribute.ConnectionId, id)), .. "first"u8]);
        Assert.Equal(0, new TurnAnswer(data.Receive()).Code);
        var heard = new byte[100];
        Assert.Equal(5, await peer.ReceiveAsync(heard));
        Assert.Equal("first"u8, heard.AsSpan(0, 5));
    }

    [Fact]
    public async Task What_a_peer_says_before_it_is_taken_waits_and_its_end_ends_the_client()
    {
        Assert.Equal(0, _ann.Permit(TurnWorld.At("127.0.0.1:1")).Code);
        using var peer = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await peer.ConnectAsync(_relayed.ToIPEndPoint(), TestContext.Current.CancellationToken);
        await peer.SendAsync("early"u8.ToArray());
        var attempt = new TurnAnswer(_control.Receive());
        Assert.Equal(StunMethod.ConnectionAttempt, attempt.Message.Method);
        Assert.True(attempt.Message.TryGetXorAddress(StunAttribute.XorPeerAddress, out var told));
        Assert.Equal(AddressKey.Of((IPEndPoint)peer.LocalEndPoint!), told);

        using var data = Take(Id(attempt));
        Assert.Equal("early"u8.ToArray(), await data.ReadAsync(5));
        await peer.SendAsync("last"u8.ToArray());
        peer.Close();
        Assert.Equal("last"u8.ToArray(), await data.ReadAsync(4));
        await data.Served.WaitAsync(Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task A_client_that_does_not_read_holds_its_peer_up()
    {
        using var listener = Listener();
        using var data = await ConnectAsync(listener);
        using var peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        peer.SendBufferSize = 64 * 1024;
        var block = new byte[64 * 1024];
        var sent = 0L;
        using var over = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () =>
        {
            while (true) sent += await peer.SendAsync(block, over.Token);
        });
        Assert.InRange(sent, 1, 16 << 20); // what the kernel keeps, and no more
        Assert.InRange(_host.Relay.TcpBytes, 1, 200_000);
    }

    [Fact]
    public async Task The_allocations_end_cuts_its_connections_and_its_port()
    {
        using var listener = Listener();
        using var data = await ConnectAsync(listener);
        using var peer = await listener.AcceptSocketAsync(TestContext.Current.CancellationToken);
        _control.Close();
        await data.Served.WaitAsync(Patience, TestContext.Current.CancellationToken);
        await EndsAsync(peer);
        using var late = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await Assert.ThrowsAsync<SocketException>(async () => await late.ConnectAsync(_relayed.ToIPEndPoint(), TestContext.Current.CancellationToken));
        Assert.Equal(0, _host.Relay.ReadLoad().Allocations);
    }

    [Fact]
    public async Task Who_cannot_be_reached_is_447_and_who_may_not_connect_is_cut()
    {
        var closed = Listener();
        var there = Of(closed);
        closed.Dispose();
        Assert.Equal(447, _ann.Ask(StunMethod.Connect, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, there)).Code);

        using var stranger = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await stranger.ConnectAsync(_relayed.ToIPEndPoint(), TestContext.Current.CancellationToken);
        await EndsAsync(stranger);
    }

    public void Dispose()
    {
        _control.Dispose();
        _host.Dispose();
    }

    private static TcpListener Listener()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return listener;
    }

    private static async Task EndsAsync(Socket socket)
    {
        try
        {
            Assert.Equal(0, await socket.ReceiveAsync(new byte[1]).WaitAsync(Patience, TestContext.Current.CancellationToken));
        }
        catch (SocketException e) when (e.SocketErrorCode == SocketError.ConnectionReset)
        {
            // As good an end.
        }
    }

    private static AddressKey Of(TcpListener listener) => AddressKey.Of((IPEndPoint)listener.LocalEndpoint);

    private static uint Id(TurnAnswer answer) => BinaryPrimitives.ReadUInt32BigEndian(answer.Get(StunAttribute.ConnectionId));

    private Task<StreamClient> ConnectAsync(TcpListener listener)
    {
        var answer = _ann.Ask(StunMethod.Connect, (ref StunWriter w) => w.AddXorAddress(StunAttribute.XorPeerAddress, Of(listener)));
        Assert.Equal(0, answer.Code);
        return Task.FromResult(Take(Id(answer)));
    }

    private StreamClient Take(uint id)
    {
        var data = _host.Connect($"127.0.0.1:{_port++}");
        var client = new TurnClient(data.Exchange, _ann.Username, _ann.Password);
        Assert.Equal(0, client.Ask(StunMethod.ConnectionBind, (ref StunWriter w) => w.AddUInt32(StunAttribute.ConnectionId, id)).Code);
        return data;
    }
}
