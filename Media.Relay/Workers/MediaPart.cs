using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Workers;

/// <summary>What a worker does about media: its sockets, the transports on them and the conferences that these belong to.</summary>
internal sealed class MediaPart : IWorkerPart, IDatagramSender
{
    private const long CountsMs = 1_000;

    private readonly ReceiveBatch _batch = new();
    private readonly MediaSocket[] _sockets;
    private readonly MediaSocket _ipv4, _ipv6;
    private readonly WorkerHandshakes _handshakes;
    private readonly RawPorts? _rawPorts;
    private readonly DatagramRouter _router;
    private readonly LocalAddresses _addresses;
    private readonly CandidateList _candidates;
    private long _nextCountsMs;

    /// <summary>Makes a part.</summary>
    /// <param name="sockets">Its open sockets: one, or one for IPv4 and one for IPv6.</param>
    /// <param name="services">Makes the services of its transports, given where they send and where their handshakes run.</param>
    /// <param name="thread">Runs handshakes.</param>
    /// <param name="addresses">This machine's addresses.</param>
    /// <param name="candidates">Makes our candidates.</param>
    /// <param name="conferences">Makes the table of conferences.</param>
    /// <param name="rawPorts">Makes the ports for transports without ICE; null for none.</param>
    public MediaPart(IReadOnlyList<UdpSocket> sockets, Func<IDatagramSender, IHandshakeRunner, IRawPorts?, TransportServices> services, HandshakeThread thread, LocalAddresses addresses,
        CandidateList candidates, Func<TransportServices, Func<IReadOnlyList<IceCandidate>>, ConferenceTable> conferences, Func<ReceiveBatch, Func<TransportServices>, RawPorts>? rawPorts = null)
    {
        _handshakes = new(thread);
        _rawPorts = rawPorts?.Invoke(_batch, () => Services!);
        Services = services(this, _handshakes, _rawPorts);
        _router = new(Services.Table, Services.Counters, Services.Forwards);
        (_addresses, _candidates) = (addresses, candidates);
        _sockets = [.. sockets.Select(s => new MediaSocket(s, _batch, _router))];
        _ipv4 = _sockets.FirstOrDefault(s => !s.Socket.IsIPv6) ?? _sockets[0];
        _ipv6 = _sockets.FirstOrDefault(s => s.Socket.IsIPv6) ?? _sockets[0];
        Conferences = conferences(Services, () => _candidates.At(Port, HasIPv6));
    }

    public TransportServices Services { get; }

    public ConferenceTable Conferences { get; }

    /// <summary>The UDP port.</summary>
    public int Port => _sockets[0].Socket.Port;

    /// <summary>Whether IPv6 arrives here.</summary>
    public bool HasIPv6 => _ipv6.Socket.IsIPv6;

    /// <inheritdoc/>
    public void Start(IWorkerLoop loop)
    {
        _handshakes.Start(loop);
        _rawPorts?.Start(loop);
        foreach (var socket in _sockets) loop.Watch(socket.Socket.Fd, socket);
    }

    /// <inheritdoc/>
    public long Tick(long nowMs)
    {
        _handshakes.Drain(nowMs);
        _router.AllowedSources = _addresses.AllowedSources;
        if (nowMs >= _nextCountsMs)
        {
            _nextCountsMs = nowMs + CountsMs;
            TakeCounts();
        }

        return Conferences.Tick(nowMs);
    }

    /// <inheritdoc/>
    public void Flush()
    {
        foreach (var socket in _sockets) socket.Queue.Flush();
        _rawPorts?.Flush();
    }

    /// <inheritdoc/>
    public Span<byte> Reserve(scoped in AddressKey local) => QueueOf(local).Reserve();

    /// <inheritdoc/>
    public void Commit(int length, scoped in AddressKey local, scoped in AddressKey remote) => QueueOf(local).Commit(length, local, remote);

    /// <inheritdoc/>
    public void Dispose()
    {
        Conferences.End(WorkerClock.NowMs);
        Flush();
        foreach (var socket in _sockets) socket.Dispose();
        _batch.Dispose();
    }

    private SendQueue QueueOf(in AddressKey local) => (_sockets.Length == 1 || local.IsIPv4 ? _ipv4 : _ipv6).Queue;

    private void TakeCounts()
    {
        Services.Counters.Set(DropReason.TooLong, _batch.TooLong);
        var (dropped, refused) = (0L, 0L);
        foreach (var socket in _sockets) (dropped, refused) = (dropped + socket.Queue.Dropped, refused + socket.Queue.Refused);
        Services.Counters.Set(DropReason.SendBufferFull, dropped);
        Services.Counters.Set(DropReason.SendRefused, refused);
    }
}
