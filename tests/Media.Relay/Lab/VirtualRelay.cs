using Microsoft.Extensions.Logging.Abstractions;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Conferences;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;
using Parley.tests.Media.Core.Srtp;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>A worker's media without sockets or threads: peers, the relay and a network between them in virtual time. Datagrams take 5 ms.</summary>
internal sealed class VirtualRelay : IDatagramSender, IRelayEvents, IHandshakeRunner
{
    public const string Conference = "room";

    private readonly PriorityQueue<(AddressKey From, AddressKey To, byte[] Bytes), (long, int)> _flying = new();
    private readonly Dictionary<AddressKey, LabPeer> _peers = [];
    private readonly byte[] _room = new byte[2048];
    private readonly List<(DtlsJob Job, long At)> _handshakes = [];
    private int _order;

    public VirtualRelay(ISrtpCipherFactory? ciphers = null, SrtpProfile profile = SrtpProfile.AeadAes128Gcm, RelayLimits? limits = null, int seed = 7, Action<string>? abandoned = null, IAudioMixer? mixer = null, IRawPorts? rawPorts = null, Func<VirtualRelay, IRecorder>? recorder = null,
        IPictureMixer? pictures = null)
    {
        Profile = profile;
        Dtls = new([.. Enumerable.Range(0, 32).Select(i => (byte)i)], profile);
        Services = new()
        {
            Sender = this,
            Dtls = Dtls,
            Handshakes = this,
            Ciphers = ciphers ?? new ManagedSrtpCipher.Factory(),
            Random = new Random(seed),
            Ntp = NtpClock.Of(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero), NowMs),
            Log = NullLogger.Instance,
            Mixer = mixer,
            RawPorts = rawPorts,
            Recorder = recorder?.Invoke(this),
            Pictures = pictures,
        };
        Router = new(Services.Table, Services.Counters, Services.Forwards);
        Table = new(Services, this, limits ?? new(), () => [new("1", 1, IceCandidates.HostPriority(0), Address.ToIPEndPoint(), "host", "h0")], abandoned);
    }

    public static AddressKey Address { get; } = AddressKey.OfIPv4(0x0A000001, 10_000);

    public SrtpProfile Profile { get; }

    public FakeDtls.Factory Dtls { get; }

    public TransportServices Services { get; }

    public DatagramRouter Router { get; }

    public ConferenceTable Table { get; }

    public long NowMs { get; private set; } = 1_000_000;

    public List<RelayEvent> Events { get; } = [];

    /// <summary>What the relay sent, and where.</summary>
    public List<(AddressKey To, byte[] Bytes)> Sent { get; } = [];

    /// <summary>Whether a datagram passes the network: from, to, bytes.</summary>
    public Func<AddressKey, AddressKey, byte[], bool> Passes { get; set; } = (_, _, _) => true;

    /// <summary>Takes what the relay sends instead of the network.</summary>
    public IDatagramSender? Sink { get; set; }

    /// <summary>How long the helper thread takes for a turn of a handshake.</summary>
    public long HandshakeMs { get; set; } = 3;

    public LabPeer AddPeer(string id, int seed, bool isDtlsClient = true, byte[]? digest = null, string? fingerprint = null)
    {
        digest ??= [.. Enumerable.Repeat((byte)seed, 32)];
        var peer = new LabPeer(id, AddressKey.OfIPv4(0x0A000100u + (uint)seed, (ushort)(5000 + seed)), new FakeDtls(digest, seed, Profile), fingerprint ?? FakeDtls.FingerprintOf(digest),
            new ManagedSrtpCipher.Factory(), seed, isDtlsClient, (from, to, bytes) => Fly(from, to, bytes));
        _peers[peer.Address] = peer;
        return peer;
    }

    public ConferenceState Modify(params EndpointSpec[] endpoints) => Table.Modify(new(Conference, endpoints, []), "epoch", NowMs);

    public void Move(LabPeer peer, AddressKey to)
    {
        _peers.Remove(peer.Address);
        peer.Address = to;
        _peers[to] = peer;
    }

    /// <summary>Sends a datagram that belongs to no peer.</summary>
    public void Fly(AddressKey from, AddressKey to, byte[] bytes)
    {
        if (Passes(from, to, bytes)) _flying.Enqueue((from, to, bytes), (NowMs + 5, _order++));
    }

    public void Run(long milliseconds, Action<long>? each = null)
    {
        for (var end = NowMs + milliseconds; NowMs < end; NowMs++)
        {
            while (_flying.TryPeek(out var datagram, out var at) && at.Item1 <= NowMs)
            {
                _flying.Dequeue();
                if (datagram.To == Address) Router.Receive(datagram.Bytes, Address, datagram.From, NowMs, NowMs * 1000);
                else if (_peers.TryGetValue(datagram.To, out var peer)) peer.Receive(datagram.Bytes, datagram.From, NowMs);
            }

            Router.EndBatch(NowMs);
            foreach (var (job, at) in _handshakes.Where(h => h.At <= NowMs).ToList())
            {
                _handshakes.RemoveAll(h => h.Job == job);
                job.Execute();
                job.Return(NowMs);
            }

            Table.Tick(NowMs);
            foreach (var peer in _peers.Values) peer.Tick(NowMs);
            each?.Invoke(NowMs);
        }
    }

    public Span<byte> Reserve(scoped in AddressKey local) => Sink is { } sink ? sink.Reserve(local) : _room;

    public void Commit(int length, scoped in AddressKey local, scoped in AddressKey remote)
    {
        if (Sink is { } sink)
        {
            sink.Commit(length, local, remote);
            return;
        }

        var bytes = _room.AsSpan(0, length).ToArray();
        Sent.Add((remote, bytes));
        Fly(local, remote, bytes.ToArray()); // whoever receives it decrypts in place
    }

    public void Publish(Func<string, RelayEvent> make) => Events.Add(make("epoch"));

    public bool TryRun(DtlsJob job)
    {
        _handshakes.Add((job, NowMs + HandshakeMs));
        return true;
    }
}
