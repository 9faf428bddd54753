using System.Diagnostics;
using System.Net;
using Parley.Media.Relay.Native;

namespace Parley.bench.Turn;

/// <summary>Clients of one server and a peer that echoes. A burst is sent once the one before has come back, so that nothing is lost and both servers get the same.</summary>
internal sealed class TurnTraffic : IDisposable
{
    private const int Burst = 32;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly ITurnPeer _server;
    private readonly UdpSocket _peer = UdpSocket.Open(new(IPAddress.Loopback, 0));
    private readonly SendQueue _echo;
    private readonly ReceiveBatch _batch = new();
    private readonly List<TurnBenchClient> _clients = [];
    private int _next;

    public TurnTraffic(ITurnPeer server, int allocations)
    {
        (_server, _echo) = (server, new SendQueue(_peer));
        for (var i = 0; i < allocations; i++)
        {
            _clients.Add(new TurnBenchClient(server.EndPoint));
            _clients[^1].Connect(_batch, _peer.BoundAddress);
        }
    }

    /// <summary>Sends bursts there and back; the server's CPU nanoseconds for a relayed packet. A lost one ends the benchmark.</summary>
    public double Run(bool isChannel, int size, int bursts)
    {
        var message = TurnBenchClient.Message(isChannel, _peer.BoundAddress, size);
        var before = _server.CpuNanoseconds;
        for (var i = 0; i < bursts; i++)
        {
            var first = _next;
            for (var n = 0; n < Burst; n++) _clients[(first + n) % _clients.Count].Send(message);
            var used = Math.Min(Burst, _clients.Count);
            for (var n = 0; n < used; n++) _clients[(first + n) % _clients.Count].Flush();
            _next = (first + used) % _clients.Count;
            var began = Stopwatch.GetTimestamp();
            for (int echoed = 0, returned = 0; returned < Burst;)
            {
                if (Stopwatch.GetElapsedTime(began) > Patience) throw new InvalidOperationException($"of {Burst} packets {echoed} arrived and {returned} came back");
                if (echoed < Burst) echoed += Echo();
                else for (var n = 0; n < used; n++) returned += _clients[(first + n) % _clients.Count].Receive(_batch);
                Thread.Sleep(0);
            }
        }

        return (double)(_server.CpuNanoseconds - before) / (bursts * Burst * 2);
    }

    public void Dispose()
    {
        _clients.ForEach(c => c.Dispose());
        _batch.Dispose();
        _echo.Dispose();
        _peer.Dispose();
    }

    private int Echo()
    {
        var received = _batch.Receive(_peer);
        foreach (ref readonly var datagram in received)
        {
            _batch.Bytes(datagram).CopyTo(_echo.Reserve());
            _echo.Commit(datagram.Length, default, datagram.Remote);
        }

        _echo.Flush();
        return received.Length;
    }
}
