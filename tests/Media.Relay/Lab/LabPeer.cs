using System.Buffers.Binary;
using System.Text;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Srtp;
using Parley.Media.Core.Stun;
using Parley.tests.Media.Core.Forwarding;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>The other side of a transport, as a browser is: it controls ICE, starts DTLS, and sends and receives SRTP. Datagrams and time come from outside.</summary>
internal sealed class LabPeer : IIceSink
{
    private const long ProbeMs = 100;

    private readonly Action<AddressKey, AddressKey, byte[]> _send;
    private readonly ISrtpCipherFactory _ciphers;
    private readonly bool _isDtlsClient;
    private SrtpSender? _srtpOut;
    private SrtpReceiver? _srtpIn;
    private ushort _audioSent;
    private IceCredentials? _relay;
    private AddressKey _relayAddress;
    private long _nextProbeMs, _nextDtlsMs = long.MaxValue;

    public LabPeer(string id, AddressKey address, IDtlsEngine dtls, string fingerprint, ISrtpCipherFactory ciphers, int seed, bool isDtlsClient, Action<AddressKey, AddressKey, byte[]> send)
    {
        (Id, Address, Dtls, _ciphers, _isDtlsClient, _send) = (id, address, dtls, ciphers, isDtlsClient, send);
        var random = new Random(seed);
        var bytes = new byte[IceCredentials.RandomLength];
        random.NextBytes(bytes);
        Credentials = IceCredentials.FromRandom(bytes);
        Ice = new(isControlling: true, Credentials, random, this);
        Remote = new(Credentials.Ufrag, Credentials.Password, [new("sha-256", fingerprint)], []);
        var ssrc = (uint)(seed * 1000);
        Video = new(ssrc + 1, (ushort)(60_000 + seed), (uint)random.Next());
        Audio = new(ssrc + 3, 500, (uint)random.Next(), payloadType: 111);
        VideoRtxSsrc = ssrc + 2;
    }

    public string Id { get; }

    public AddressKey Address { get; set; }

    public IDtlsEngine Dtls { get; }

    public IceAgent Ice { get; }

    public IceCredentials Credentials { get; }

    public RemoteTransport Remote { get; }

    public VideoSource Video { get; }

    public VideoSource Audio { get; }

    public uint VideoRtxSsrc { get; }

    public bool IsConnected => _srtpOut is not null;

    /// <summary>A silent peer sends nothing any more, as one that was killed.</summary>
    public bool IsSilent { get; set; }

    /// <summary>Everything received and authentic, in order.</summary>
    public List<Outgoing> Received { get; } = [];

    public List<byte[]> ReceivedRtcp { get; } = [];

    /// <summary>What came and was not authentic, or meant nothing.</summary>
    public int Rubbish { get; private set; }

    /// <summary>Begins with what the relay answered.</summary>
    public void Connect(TransportState relay, AddressKey relayAddress, long nowMs)
    {
        (_relay, _relayAddress, _nextProbeMs) = (new(relay.Ufrag, relay.Password), relayAddress, nowMs);
        Ice.SetRemote(_relay, [new(relayAddress, 1)], nowMs);
    }

    public void Receive(byte[] datagram, AddressKey from, long nowMs)
    {
        if (IsSilent) return;
        switch (DatagramKinds.Classify(datagram))
        {
            case DatagramKind.Stun:
                Ice.HandleStun(datagram, Address, from, nowMs);
                Ice.Tick(nowMs);
                break;
            case DatagramKind.Dtls:
                if (Dtls.State == DtlsState.New && !_isDtlsClient) Dtls.Start(isServer: true);
                Dtls.Receive(datagram);
                FlushDtls(nowMs);
                break;
            case DatagramKind.Rtp when _srtpIn?.UnprotectRtp(datagram, out _, out var length) == SrtpResult.Ok:
                Received.Add(Outgoing.Of(datagram.AsSpan(0, length)));
                break;
            case DatagramKind.Rtcp when _srtpIn?.UnprotectRtcp(datagram, out var length) == SrtpResult.Ok:
                ReceivedRtcp.Add(datagram[..length]);
                break;
            default:
                Rubbish++;
                break;
        }
    }

    public void Tick(long nowMs)
    {
        if (IsSilent || _relay is null) return;
        if (Ice.State == IceState.Checking && nowMs >= _nextProbeMs)
        {
            _nextProbeMs = nowMs + ProbeMs;
            Probe();
        }

        Ice.Tick(nowMs);
        if (Ice.State != IceState.Connected) return;
        if (_isDtlsClient && Dtls.State == DtlsState.New) Dtls.Start(isServer: false);
        if (Dtls.State == DtlsState.Handshaking && nowMs >= _nextDtlsMs) _nextDtlsMs = Dtls.Tick(nowMs);
        FlushDtls(nowMs);
    }

    /// <summary>Protects and sends an RTP packet.</summary>
    public byte[] SendRtp(byte[] packet)
    {
        byte[] room = [.. packet, .. new byte[16]];
        Assert.Equal(SrtpResult.Ok, _srtpOut!.ProtectRtp(room, packet.Length, out var length));
        SendOut(room[..length]);
        return room[..length];
    }

    /// <summary>Sends a packet unless its sequence number cannot be protected any more.</summary>
    public void TrySendRtp(byte[] packet)
    {
        byte[] room = [.. packet, .. new byte[16]];
        if (_srtpOut!.ProtectRtp(room, packet.Length, out var length) == SrtpResult.Ok) SendOut(room[..length]);
    }

    public void SendFrame(bool isKeyframe, int packets = 3)
    {
        foreach (var packet in Video.Frame(isKeyframe, packets)) SendRtp(packet);
    }

    /// <summary>An Opus packet of a loudness (0 is loudest), with RFC 6464's level under id 1.</summary>
    public void SendVoice(byte level, int payload = 60)
    {
        var plain = Audio.Foreign(111).AsSpan(0, 12).ToArray();
        plain[0] |= 0x10;
        SendRtp([.. plain, 0xBE, 0xDE, 0, 1, 0x10, level, 0, 0, .. new byte[payload]]);
    }

    /// <summary>The next packet of its audio: 20 ms of a payload that others can decode.</summary>
    public void SendOpus(byte[] payload) => SendAudio(111, _audioSent * 960u, payload);

    /// <summary>The next packet of its audio stream, whatever it holds.</summary>
    public void SendAudio(byte payloadType, uint timestamp, byte[] payload)
    {
        var packet = new byte[12 + payload.Length];
        (packet[0], packet[1]) = (0x80, payloadType);
        BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), _audioSent++);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), timestamp);
        BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), Audio.Ssrc);
        payload.CopyTo(packet, 12);
        SendRtp(packet);
    }

    public delegate void WriteRtcp(ref RtcpWriter rtcp);

    /// <summary>Protects and sends a compound that begins with an empty receiver report.</summary>
    public void SendRtcp(WriteRtcp write)
    {
        var room = new byte[1400];
        var rtcp = new RtcpWriter(room.AsSpan(0, 1300));
        rtcp.AddReceiverReport(Video.Ssrc);
        write(ref rtcp);
        Assert.Equal(SrtpResult.Ok, _srtpOut!.ProtectRtcp(room, rtcp.Length, out var length));
        SendOut(room[..length]);
    }

    public void SendNack(uint ssrc, params ushort[] lost) => SendRtcp((ref RtcpWriter rtcp) => rtcp.AddNack(Video.Ssrc, ssrc, lost));

    /// <summary>Says close_notify.</summary>
    public void Close(long nowMs)
    {
        Dtls.Close();
        FlushDtls(nowMs);
    }

    /// <summary>What it received on an SSRC.</summary>
    public List<Outgoing> On(uint ssrc) => [.. Received.Where(p => p.Header.Ssrc == ssrc)];

    public void SendOut(byte[] datagram)
    {
        if (!IsSilent) _send(Address, Ice.TryGetPath(out _, out var remote) ? remote : _relayAddress, datagram);
    }

    void IIceSink.Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram)
    {
        if (!IsSilent) _send(local, remote, datagram.ToArray());
    }

    void IIceSink.PathLearned(AddressKey local, AddressKey remote)
    {
    }

    void IIceSink.PathForgotten(AddressKey local, AddressKey remote)
    {
    }

    /// <summary>The first check, which our own agent never sends unasked.</summary>
    public void Probe(bool nominates = false)
    {
        var buffer = new byte[300];
        var writer = new StunWriter(buffer, StunClass.Request, StunMethod.Binding, Guid.NewGuid().ToByteArray().AsSpan(0, 12));
        writer.Add(StunAttribute.Username, Encoding.ASCII.GetBytes(_relay!.Ufrag + ":" + Credentials.Ufrag));
        writer.AddUInt32(StunAttribute.Priority, 1);
        writer.AddUInt64(StunAttribute.IceControlling, ulong.MaxValue);
        if (nominates) writer.AddFlag(StunAttribute.UseCandidate);
        writer.AddIntegrity(Encoding.ASCII.GetBytes(_relay.Password));
        writer.AddFingerprint();
        _send(Address, _relayAddress, writer.Written.ToArray());
    }

    private void FlushDtls(long nowMs)
    {
        var datagram = new byte[1200];
        for (int length; (length = Dtls.WriteNext(datagram)) > 0;) SendOut(datagram[..length]);
        if (Dtls.State == DtlsState.Handshaking) _nextDtlsMs = Dtls.Tick(nowMs);
        if (_srtpOut is not null || Dtls.State != DtlsState.Connected) return;
        var (send, receive) = SrtpMasterKey.FromExporter(Dtls.Profile!.Value, Dtls.ExportKeys(), Dtls.IsServer);
        (_srtpOut, _srtpIn) = (new(send, _ciphers), new(receive, _ciphers));
    }
}
