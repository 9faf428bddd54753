using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Parley.Media.Core;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Srtp;
using Parley.Media.Relay.Native;

namespace Parley.Doctor.Call;

/// <summary>How far a participant's media came.</summary>
internal enum MediaState
{
    /// <summary>No check of ICE was answered.</summary>
    NoPath,
    /// <summary>ICE works, DTLS is not done.</summary>
    NoKeys,
    /// <summary>Encrypted packets can go both ways.</summary>
    Up,
}

/// <summary>One participant's media as a browser has it: controls ICE, begins DTLS, sends voice and notes whose it hears. One task at a time.</summary>
internal sealed class MediaPeer : IIceSink, IDisposable
{
    private const long ProbeMs = 100, PacketMs = 20;
    private const int SamplesPerPacket = 960;
    private const byte Opus = 111;

    private readonly Socket _socket = Socket.OSSupportsIPv6 ? new(SocketType.Dgram, ProtocolType.Udp) : new(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
    private readonly byte[] _buffer = new byte[2048];
    private readonly IDtlsEngine _dtls;
    private readonly OpenSslSrtpCipherFactory _ciphers = new();
    private readonly IceAgent _ice;
    private readonly AddressKey _local;
    private readonly Dictionary<uint, int> _heard = [];
    private (string Hash, string Value) _fingerprint;
    private SrtpSender? _out;
    private SrtpReceiver? _in;
    private long _nextProbeMs, _nextTickMs = long.MaxValue, _nextPacketMs;
    private ushort _sequence = 1;

    public MediaPeer(OpenSslDtlsFactory dtls)
    {
        _socket.Bind(new IPEndPoint(Any, 0));
        _local = AddressKey.Of((IPEndPoint)_socket.LocalEndPoint!);
        _dtls = dtls.Create();
        Credentials = IceCredentials.FromRandom(RandomNumberGenerator.GetBytes(IceCredentials.RandomLength));
        _ice = new IceAgent(isControlling: true, Credentials, new Random(RandomNumberGenerator.GetInt32(int.MaxValue)), this);
    }

    public IceCredentials Credentials { get; }

    /// <summary>What it sends with.</summary>
    public uint Ssrc { get; } = (uint)RandomNumberGenerator.GetInt32(1, int.MaxValue);

    /// <summary>Where media is offered; null before <see cref="Connect"/>.</summary>
    public MediaPath? Path { get; private set; }

    public MediaState State => _out is not null ? MediaState.Up : _ice.TryGetPath(out _, out _) ? MediaState.NoKeys : MediaState.NoPath;

    /// <summary>Why DTLS failed; null if it did not.</summary>
    public string? Fault { get; private set; }

    /// <summary>The packets heard of a source.</summary>
    public int Heard(uint ssrc) => _heard.GetValueOrDefault(ssrc);

    private IPAddress Any => _socket.AddressFamily == AddressFamily.InterNetwork ? IPAddress.Any : IPAddress.IPv6Any;

    private static long NowMs => Stopwatch.GetTimestamp() / (Stopwatch.Frequency / 1000);

    /// <summary>Begins with what the server answered.</summary>
    public void Connect(IceCredentials remote, IReadOnlyList<IPEndPoint> candidates, string hash, string fingerprint)
    {
        (Path, _fingerprint) = (new MediaPath(Credentials, remote, candidates), (hash, fingerprint));
        _ice.SetRemote(remote, [.. candidates.Select((c, i) => new IceRemoteCandidate(AddressKey.Of(c), uint.MaxValue - (uint)i))], NowMs);
    }

    /// <summary>Does what is to be done until the token says stop.</summary>
    public async Task RunAsync(CancellationToken ct)
    {
        EndPoint any = new IPEndPoint(Any, 0);
        Task<SocketReceiveFromResult>? receiving = null;
        while (!ct.IsCancellationRequested)
        {
            receiving ??= _socket.ReceiveFromAsync(_buffer, SocketFlags.None, any, CancellationToken.None).AsTask();
            if (await Task.WhenAny(receiving, Task.Delay((int)PacketMs, CancellationToken.None)) == receiving)
            {
                Receive(receiving);
                receiving = null;
            }

            Tick(NowMs);
        }
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        if (_out is not null)
        {
            _dtls.Close();
            FlushDtls();
        }

        _out?.Dispose();
        _in?.Dispose();
        _dtls.Dispose();
        _socket.Dispose();
    }

    void IIceSink.Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram) => Send(remote, datagram);

    void IIceSink.PathLearned(AddressKey local, AddressKey remote)
    {
        // One socket has one transport: nothing is to be told apart.
    }

    void IIceSink.PathForgotten(AddressKey local, AddressKey remote)
    {
        // As above.
    }

    private void Receive(Task<SocketReceiveFromResult> received)
    {
        // An ICMP error of an earlier datagram says nothing that its missing answer does not.
        if (received.IsFaulted && received.Exception.InnerException is SocketException) return;
        var result = received.GetAwaiter().GetResult();
        var from = (IPEndPoint)result.RemoteEndPoint;
        if (from.Address.IsIPv4MappedToIPv6) from = new IPEndPoint(from.Address.MapToIPv4(), from.Port);
        var datagram = _buffer.AsSpan(0, result.ReceivedBytes);
        switch (DatagramKinds.Classify(datagram))
        {
            case DatagramKind.Stun when Path?.Take(datagram) == false:
                _ice.HandleStun(datagram, _local, AddressKey.Of(from), NowMs);
                break;
            case DatagramKind.Dtls:
                _dtls.Receive(datagram);
                FlushDtls();
                break;
            case DatagramKind.Rtp when _in?.UnprotectRtp(datagram, out var header, out _) == SrtpResult.Ok:
                _heard[header.Ssrc] = Heard(header.Ssrc) + 1;
                break;
        }
    }

    private void Tick(long now)
    {
        if (Path is null) return;
        if (now >= _nextProbeMs)
        {
            _nextProbeMs = now + ProbeMs;
            Path.Probe(_socket);
        }

        _ice.Tick(now);
        if (!_ice.TryGetPath(out _, out _)) return;
        if (_dtls.State == DtlsState.New) _dtls.Start(isServer: false);
        if (_dtls.State == DtlsState.Handshaking && now >= _nextTickMs) _nextTickMs = _dtls.Tick(now);
        FlushDtls();
        if (_out is null || now < _nextPacketMs) return;
        _nextPacketMs = now + PacketMs;
        SendVoice();
    }

    private void FlushDtls()
    {
        Span<byte> datagram = stackalloc byte[1200];
        for (int length; (length = _dtls.WriteNext(datagram)) > 0;) SendOut(datagram[..length]);
        if (_dtls.State == DtlsState.Handshaking) _nextTickMs = _dtls.Tick(NowMs);
        if (_dtls.State == DtlsState.Failed) Fault = _dtls.ToString();
        if (_out is not null || Fault is not null || _dtls.State != DtlsState.Connected) return;
        // RFC 8122 section 5: who cannot show the certificate that was signalled is somebody else.
        if (_dtls.PeerDigest(_fingerprint.Hash) is not { } digest || !Convert.ToHexString(digest).Equals(_fingerprint.Value.Replace(":", "", StringComparison.Ordinal), StringComparison.OrdinalIgnoreCase))
        {
            Fault = "the certificate of the media is another than the one that was signalled";
            return;
        }

        var (send, receive) = SrtpMasterKey.FromExporter(_dtls.Profile!.Value, _dtls.ExportKeys(), _dtls.IsServer);
        (_out, _in) = (new(send, _ciphers), new(receive, _ciphers));
    }

    // Twenty milliseconds of silence as Opus has it: a configuration byte for a frame that holds nothing (RFC 6716 section 3.1), and the two bytes that encoders send for quiet.
    private void SendVoice()
    {
        Span<byte> room = stackalloc byte[64];
        room.Clear();
        room[0] = 0x80;
        room[1] = Opus;
        System.Buffers.Binary.BinaryPrimitives.WriteUInt16BigEndian(room[2..], _sequence);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(room[4..], (uint)_sequence * SamplesPerPacket);
        System.Buffers.Binary.BinaryPrimitives.WriteUInt32BigEndian(room[8..], Ssrc);
        ReadOnlySpan<byte> silence = [0xF8, 0xFF, 0xFE];
        silence.CopyTo(room[RtpHeader.MinLength..]);
        if (_out!.ProtectRtp(room, RtpHeader.MinLength + silence.Length, out var length) == SrtpResult.Ok) SendOut(room[..length]);
        _sequence++;
    }

    private void SendOut(ReadOnlySpan<byte> datagram)
    {
        if (_ice.TryGetPath(out _, out var remote)) Send(remote, datagram);
    }

    private void Send(AddressKey remote, ReadOnlySpan<byte> datagram)
    {
        var to = remote.ToIPEndPoint();
        try
        {
            _socket.SendTo(datagram, _socket.AddressFamily == to.AddressFamily ? to : new IPEndPoint(to.Address.MapToIPv6(), to.Port));
        }
        catch (SocketException)
        {
            // As lost on the way.
        }
    }
}
