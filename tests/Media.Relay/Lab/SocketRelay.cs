using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Relay;
using Parley.Media.Relay.Native;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>A whole relay on loopback, two workers of it, and peers with sockets and OpenSSL's DTLS that this thread drives.</summary>
internal sealed class SocketRelay : IDisposable
{
    private readonly List<(LabPeer Peer, Socket Socket)> _peers = [];
    private readonly OpenSslDtlsFactory _dtls = new();
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _watching;
    private readonly List<RelayEvent> _events = [];
    private readonly byte[] _buffer = new byte[2048];

    public SocketRelay(int workers = 2, MediaRelaySettings? settings = null, Microsoft.Extensions.Logging.ILoggerFactory? log = null)
    {
        Service = new(settings ?? new() { Workers = workers, FirstPort = 0, BindAddress = IPAddress.Loopback, AdvertisedAddress = IPAddress.Loopback, IsLoopbackOnly = true }, log ?? NullLoggerFactory.Instance);
        _watching = WatchAsync();
    }

    public MediaRelayService Service { get; }

    public static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    public IReadOnlyList<RelayEvent> Events
    {
        get
        {
            lock (_events) return [.. _events];
        }
    }

    public LabPeer AddPeer(string id, int seed, IPAddress? at = null)
    {
        var socket = new Socket((at ?? IPAddress.Loopback).AddressFamily, SocketType.Dgram, ProtocolType.Udp) { Blocking = false };
        socket.Bind(new IPEndPoint(at ?? IPAddress.Loopback, 0));
        var peer = new LabPeer(id, AddressKey.Of((IPEndPoint)socket.LocalEndPoint!), _dtls.Create(), _dtls.Fingerprint, new OpenSslSrtpCipherFactory(), seed, isDtlsClient: true,
            (_, to, bytes) => socket.SendTo(bytes, to.ToIPEndPoint()));
        _peers.Add((peer, socket));
        return peer;
    }

    /// <summary>A conference of connected peers, each with slots for all others.</summary>
    public async Task<LabPeer[]> FillAsync(string conference, int count, int firstSeed = 1)
    {
        var peers = Enumerable.Range(firstSeed, count).Select(i => AddPeer($"p{i}", i)).ToArray();
        var state = await Service.ModifyConferenceAsync(new(conference, [.. peers.Select(p => Specs.Leg(p, peers.Where(o => o != p)))], []));
        foreach (var peer in peers)
        {
            var transport = Rooms.StateOf(state, peer);
            peer.Connect(transport, AddressKey.Of(transport.Candidates[0].Address), NowMs);
        }

        Assert.True(Until(() => peers.All(p => p.IsConnected) && Events.OfType<TransportConnected>().Count(e => e.ConferenceId == conference) == count), "not all are connected");
        return peers;
    }

    /// <summary>Drives the peers until something holds, at most 20 s.</summary>
    public bool Until(Func<bool> holds, Action<long>? each = null)
    {
        var end = NowMs + 20_000;
        for (var now = NowMs; now < end; now = NowMs)
        {
            Pump(now);
            each?.Invoke(now);
            if (holds()) return true;
            Thread.Sleep(1);
        }

        return false;
    }

    /// <summary>Drives the peers for a while.</summary>
    public void Run(long milliseconds)
    {
        var end = NowMs + milliseconds;
        Until(() => NowMs >= end);
    }

    public void Dispose()
    {
        Service.Dispose();
        _stop.Cancel();
        _watching.GetAwaiter().GetResult();
        foreach (var (peer, socket) in _peers)
        {
            peer.Dtls.Dispose();
            socket.Dispose();
        }

        _dtls.Dispose();
        _stop.Dispose();
    }

    private void Pump(long now)
    {
        foreach (var (peer, socket) in _peers)
        {
            EndPoint from = new IPEndPoint(socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any, 0);
            while (socket.Available > 0)
            {
                var length = socket.ReceiveFrom(_buffer, ref from);
                peer.Receive(_buffer.AsSpan(0, length).ToArray(), AddressKey.Of((IPEndPoint)from), now);
            }

            peer.Tick(now);
        }
    }

    private async Task WatchAsync()
    {
        try
        {
            await foreach (var happened in Service.WatchAsync(_stop.Token))
            {
                lock (_events) _events.Add(happened);
            }
        }
        catch (OperationCanceledException)
        {
            // The test is over.
        }
    }
}
