using System.Security.Cryptography;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Srtp;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>A handshake of three messages in virtual time: hello, hello back, finished; each repeated until answered. The keys come from both sides' randoms.</summary>
internal sealed class FakeDtls(byte[] digest, int seed, SrtpProfile profile = SrtpProfile.AeadAes128Gcm) : IDtlsEngine
{
    private const byte Hello = 1, HelloBack = 2, Finished = 20;
    private const long ResendMs = 100;

    private readonly byte[] _random = RandomOf(seed);
    private readonly Queue<byte[]> _out = new();
    private byte[]? _peerDigest, _peerRandom, _flight;
    private long _resendMs = long.MaxValue;

    public DtlsState State { get; private set; }

    public SrtpProfile? Profile => State == DtlsState.Connected ? profile : null;

    public bool IsServer { get; private set; }

    public bool IsDisposed { get; private set; }

    public static string FingerprintOf(byte[] digest) => string.Join(':', digest.Select(b => b.ToString("X2", System.Globalization.CultureInfo.InvariantCulture)));

    public void Start(bool isServer)
    {
        Assert.Equal(DtlsState.New, State);
        (State, IsServer) = (DtlsState.Handshaking, isServer);
        if (!isServer) Send(Hello);
    }

    public void Receive(ReadOnlySpan<byte> datagram)
    {
        if (datagram.Length == 15 && datagram[0] == 21 && State == DtlsState.Connected)
        {
            State = DtlsState.Closed;
            return;
        }

        if (datagram.Length != 14 + 16 + 32 || datagram[0] != 22) return;
        var type = datagram[13];
        ReadOnlySpan<byte> random = datagram.Slice(14, 16), shown = datagram.Slice(30, 32);
        if (type == Hello && IsServer)
        {
            Remember(random, shown);
            if (State == DtlsState.Handshaking) Send(HelloBack);
        }
        else if (type == HelloBack && !IsServer)
        {
            Remember(random, shown);
            (State, _resendMs) = (DtlsState.Connected, long.MaxValue);
            Send(Finished);
        }
        else if (type == Finished && IsServer && _peerRandom is not null) (State, _resendMs) = (DtlsState.Connected, long.MaxValue);
    }

    public int WriteNext(Span<byte> to)
    {
        if (!_out.TryDequeue(out var next)) return 0;
        next.CopyTo(to);
        return next.Length;
    }

    public long Tick(long nowMs)
    {
        if (State != DtlsState.Handshaking || _flight is null) return long.MaxValue;
        if (_resendMs == long.MaxValue) _resendMs = nowMs + ResendMs;
        if (nowMs < _resendMs) return _resendMs;
        _out.Enqueue(_flight);
        return _resendMs = nowMs + ResendMs;
    }

    public byte[]? PeerDigest(string hash) => hash == "sha-256" ? _peerDigest : null;

    public byte[] ExportKeys()
    {
        Assert.Equal(DtlsState.Connected, State);
        byte[] both = IsServer ? [.. _peerRandom!, .. _random] : [.. _random, .. _peerRandom!];
        return HKDF.Expand(HashAlgorithmName.SHA256, SHA256.HashData(both), profile.ExporterLength());
    }

    public void Close()
    {
        State = DtlsState.Closed;
        _out.Enqueue([21, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 2, 1, 0]);
    }

    public void Dispose() => IsDisposed = true;

    private static byte[] RandomOf(int seed)
    {
        var random = new byte[16];
        new Random(seed).NextBytes(random);
        return random;
    }

    private void Remember(ReadOnlySpan<byte> random, ReadOnlySpan<byte> shown) => (_peerRandom, _peerDigest) = (random.ToArray(), shown.ToArray());

    private void Send(byte type)
    {
        _flight = [22, 254, 253, 0, 0, 0, 0, 0, 0, 0, 0, 0, 49, type, .. _random, .. digest];
        _out.Enqueue(_flight);
    }

    public sealed class Factory(byte[] digest, SrtpProfile profile = SrtpProfile.AeadAes128Gcm) : IDtlsEngineFactory
    {
        private int _seed = 1000;

        public string Fingerprint => FingerprintOf(digest);

        public List<FakeDtls> Made { get; } = [];

        public IDtlsEngine Create()
        {
            Made.Add(new(digest, _seed++, profile));
            return Made[^1];
        }
    }
}
