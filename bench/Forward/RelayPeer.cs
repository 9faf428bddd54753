using System.Net;
using System.Text;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Srtp;
using Parley.Media.Core.Stun;
using Parley.Media.Relay.Native;

namespace Parley.bench.Forward;

/// <summary>A participant before the relay, as a browser is: it controls ICE, starts DTLS, and then has keys.</summary>
internal sealed class RelayPeer : IIceSink, IDisposable
{
    private const long ProbeMs = 100;

    private static readonly OpenSslSrtpCipherFactory Ciphers = new();

    private readonly IDtlsEngine _dtls;
    private readonly IceAgent _ice;
    private readonly IceCredentials _credentials;
    private readonly SendQueue _queue;
    private IceCredentials? _relay;
    private AddressKey _relayAddress;
    private long _nextProbeMs;

    public RelayPeer(string id, OpenSslDtlsFactory dtls)
    {
        (Id, _dtls, Sink) = (id, dtls.Create(), new(UdpSocket.Open(new(IPAddress.Loopback, 0))));
        _queue = new(Sink.Socket);
        var bytes = new byte[IceCredentials.RandomLength];
        Random.Shared.NextBytes(bytes);
        _credentials = IceCredentials.FromRandom(bytes);
        _ice = new(isControlling: true, _credentials, Random.Shared, this);
        Remote = new(_credentials.Ufrag, _credentials.Password, [new("sha-256", dtls.Fingerprint)], []);
        Sink.Other = (datagram, from) => Receive(datagram.Span, from);
    }

    public string Id { get; }

    public Sink Sink { get; }

    public RemoteTransport Remote { get; }

    /// <summary>Protects what it sends; null until it is connected. Its owner disposes it.</summary>
    public SrtpSender? Sender { get; private set; }

    public AddressKey RelayAddress => _relayAddress;

    /// <summary>Begins with what the relay answered.</summary>
    public void Connect(TransportState relay)
    {
        (_relay, _relayAddress) = (new(relay.Ufrag, relay.Password), AddressKey.Of(relay.Candidates[0].Address));
        _ice.SetRemote(_relay, [new(_relayAddress, 1)], Environment.TickCount64);
    }

    public void Tick()
    {
        var nowMs = Environment.TickCount64;
        if (_ice.State == IceState.Checking && nowMs >= _nextProbeMs)
        {
            _nextProbeMs = nowMs + ProbeMs;
            Probe();
        }

        _ice.Tick(nowMs);
        if (_ice.State == IceState.Connected)
        {
            if (_dtls.State == DtlsState.New) _dtls.Start(isServer: false);
            _dtls.Tick(nowMs);
            FlushDtls();
        }

        _queue.Flush();
    }

    public void Dispose()
    {
        _dtls.Dispose();
        _queue.Dispose();
        Sink.Dispose();
    }

    void IIceSink.Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram) => Send(datagram, remote);

    void IIceSink.PathLearned(AddressKey local, AddressKey remote)
    {
    }

    void IIceSink.PathForgotten(AddressKey local, AddressKey remote)
    {
    }

    private void Receive(ReadOnlySpan<byte> datagram, AddressKey from)
    {
        var kind = DatagramKinds.Classify(datagram);
        if (kind == DatagramKind.Stun)
        {
            _ice.HandleStun(datagram, Sink.Socket.BoundAddress, from, Environment.TickCount64);
            _queue.Flush(); // its answer
        }

        if (kind != DatagramKind.Dtls) return; // its RTCP is not the benchmark's concern
        _dtls.Receive(datagram);
        FlushDtls();
        if (Sender is not null || _dtls.State != DtlsState.Connected) return;
        var (send, receive) = SrtpMasterKey.FromExporter(_dtls.Profile!.Value, _dtls.ExportKeys(), _dtls.IsServer);
        (Sender, Sink.Srtp) = (new(send, Ciphers), new(receive, Ciphers));
    }

    /// <summary>The first check, which our own agent never sends unasked.</summary>
    private void Probe()
    {
        Span<byte> buffer = stackalloc byte[300];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Guid.NewGuid().ToByteArray().AsSpan(0, 12));
        writer.Add(StunAttribute.Username, Encoding.ASCII.GetBytes(_relay!.Ufrag + ":" + _credentials.Ufrag));
        writer.AddUInt32(StunAttribute.Priority, 1);
        writer.AddUInt64(StunAttribute.IceControlling, ulong.MaxValue);
        writer.AddIntegrity(Encoding.ASCII.GetBytes(_relay.Password));
        writer.AddFingerprint();
        Send(writer.Written, _relayAddress);
    }

    private void FlushDtls()
    {
        Span<byte> datagram = stackalloc byte[1200];
        for (int length; (length = _dtls.WriteNext(datagram)) > 0;) Send(datagram[..length], _relayAddress);
        _queue.Flush();
    }

    private void Send(ReadOnlySpan<byte> datagram, AddressKey to)
    {
        datagram.CopyTo(_queue.Reserve());
        _queue.Commit(datagram.Length, default, to);
    }
}
