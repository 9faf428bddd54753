using System.Security.Cryptography;
using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Dtls;
using Parley.Media.Core.Ice;
using Parley.Media.Core.Srtp;

namespace Parley.Media.Relay.Transports;

/// <summary>A five-tuple with ICE, DTLS and SRTP, from its description to its end. What flows over it is <see cref="Media"/>'s.</summary>
internal sealed class IceTransport : RelayTransport, IIceSink, IDtlsOwner
{
    /// <summary>From the peer's description to keys.</summary>
    private const long ConnectMs = 30_000;

    /// <summary>How fresh a path's use must be to be kept from another transport's claim.</summary>
    private const long InUseMs = 5_000;

    private readonly TransportServices _services;
    private readonly IceAgent _agent;
    private readonly DtlsAssociation _dtls;
    private readonly List<MediaPath> _paths = [];
    private SrtpSender? _srtpOut;
    private SrtpReceiver? _srtpIn;
    private IReadOnlyList<DtlsFingerprint> _fingerprints = [];
    private MediaPath _path;
    private ulong _ufragKey, _previousUfragKey;
    private long _nowMs, _nextIceMs = long.MaxValue, _describedMs = long.MaxValue, _lastAuthenticMs = long.MinValue;

    /// <summary>Makes a transport that answers checks once its peer is described.</summary>
    public IceTransport(TransportSpec spec, TransportServices services, ITransportOwner owner, long nowMs) : base(spec, services, owner, nowMs)
    {
        (_services, _nowMs, Generation) = (services, nowMs, spec.Generation);
        var local = NewCredentials(out _ufragKey);
        _agent = new(spec.IceRole == IceRole.Controlling, local, services.Random, this);
        _dtls = new(services.Dtls.Create(), services.Handshakes, this);
        Describe(spec, nowMs);
    }

    /// <summary>The ICE generation of our credentials.</summary>
    public int Generation { get; private set; }

    /// <summary>Our newest ICE credentials.</summary>
    public IceCredentials Local => _agent.Local;

    /// <inheritdoc/>
    public bool HasPath { get; private set; }

    /// <inheritdoc/>
    public override bool CanSend => Phase == TransportPhase.Connected && HasPath;

    /// <summary>Whether the handshake has begun, so that our role is settled by what happened.</summary>
    public bool HasHandshake => _dtls.HasBegun;

    /// <inheritdoc/>
    public override TransportState StateOf(IReadOnlyList<IceCandidate> candidates) =>
        new(Id, Local.Ufrag, Local.Password, candidates, new("sha-256", _services.Dtls.Fingerprint), Generation, Phase == TransportPhase.Connected, EndedBy);

    /// <inheritdoc/>
    public override void Update(TransportSpec spec, long nowMs)
    {
        if (Phase == TransportPhase.Ended)
        {
            Spec = spec;
            return;
        }

        _nowMs = nowMs;
        if (spec.Generation > Generation) Restart(spec.Generation);
        Describe(spec, nowMs);
        AfterIce(nowMs);
    }

    /// <summary>Takes a STUN message.</summary>
    public DropReason ReceiveStun(ReadOnlySpan<byte> datagram, in MediaPath path, bool isCheck, long nowMs)
    {
        if (Phase == TransportPhase.Ended) return DropReason.StunIgnored;
        _nowMs = nowMs;
        var input = _agent.HandleStun(datagram, path.Local, path.Remote, nowMs);
        if (input != IceInput.Accepted) return input switch
        {
            IceInput.Forged => DropReason.StunForged,
            IceInput.UnknownUfrag => DropReason.StunUnknown,
            _ => DropReason.StunIgnored,
        };
        if (!isCheck) _lastAuthenticMs = nowMs;
        else if (_paths.Contains(path)) _services.Table.Claim(path, this, nowMs); // again: it may have been another's until now
        AfterIce(nowMs);
        return DropReason.None;
    }

    /// <summary>Takes a DTLS datagram.</summary>
    public DropReason ReceiveDtls(ReadOnlySpan<byte> datagram, long nowMs) => Phase == TransportPhase.Ended ? DropReason.DtlsUnexpected : _dtls.Receive(datagram, nowMs);

    /// <summary>Takes an SRTP packet and forwards it.</summary>
    public DropReason ReceiveRtp(Span<byte> datagram, long nowMs, long nowUs)
    {
        if (_srtpIn is not { } srtp) return DropReason.SrtpBeforeKeys;
        var result = srtp.UnprotectRtp(datagram, out var header, out var length);
        if (result != SrtpResult.Ok) return ReasonOf(result);
        OnAuthentic(nowMs);
        return Media.ReceiveRtp(datagram[..length], header, nowMs, nowUs);
    }

    /// <summary>Takes an SRTCP packet.</summary>
    public DropReason ReceiveRtcp(Span<byte> datagram, long nowMs)
    {
        if (_srtpIn is not { } srtp) return DropReason.SrtpBeforeKeys;
        var result = srtp.UnprotectRtcp(datagram, out var length);
        if (result != SrtpResult.Ok) return ReasonOf(result);
        OnAuthentic(nowMs);
        Media.ReceiveRtcp(datagram[..length], nowMs);
        return DropReason.None;
    }

    /// <inheritdoc/>
    public override void Tick(long nowMs)
    {
        if (Phase == TransportPhase.Ended) return;
        _nowMs = nowMs;
        if (nowMs >= _nextIceMs) AfterIce(nowMs);
        if (Phase == TransportPhase.Connecting)
        {
            _dtls.Pump(nowMs);
            if (Phase == TransportPhase.Connecting && _describedMs != long.MaxValue && nowMs - _describedMs >= ConnectMs) End(TransportEnd.NeverConnected, nowMs);
        }

        if (CanSend) Media.Tick(nowMs);
    }

    /// <inheritdoc/>
    public override void Dispose() => Close(_nowMs);

    /// <summary>Whether it uses a path and heard its peer there or elsewhere lately.</summary>
    public bool IsAliveOn(in MediaPath path, long nowMs) => Phase == TransportPhase.Connected && HasPath && _path == path && nowMs - _lastAuthenticMs < InUseMs;

    /// <inheritdoc/>
    public override Span<byte> Reserve() => _services.Sender.Reserve(_path.Local);

    /// <inheritdoc/>
    public override bool TryProtectRtp(Span<byte> room, int length, out int wireLength)
    {
        if (_srtpOut!.ProtectRtp(room, length, out wireLength) == SrtpResult.Ok) return true;
        _services.Counters.Drop(DropReason.ProtectFailed);
        return false;
    }

    /// <inheritdoc/>
    public override void SendRtp(int wireLength)
    {
        _services.Sender.Commit(wireLength, _path.Local, _path.Remote);
        _services.Counters.CountOut();
    }

    /// <inheritdoc/>
    public override void SendRtcp(Span<byte> room, int length)
    {
        if (_srtpOut!.ProtectRtcp(room, length, out var wireLength) == SrtpResult.Ok) _services.Sender.Commit(wireLength, _path.Local, _path.Remote);
        else _services.Counters.Drop(DropReason.ProtectFailed);
    }

    void IIceSink.Send(AddressKey local, AddressKey remote, ReadOnlySpan<byte> datagram)
    {
        datagram.CopyTo(_services.Sender.Reserve(local));
        _services.Sender.Commit(datagram.Length, local, remote);
    }

    void IIceSink.PathLearned(AddressKey local, AddressKey remote)
    {
        var path = new MediaPath(local, remote);
        if (!_paths.Contains(path)) _paths.Add(path);
        _services.Table.Claim(path, this, _nowMs);
    }

    void IIceSink.PathForgotten(AddressKey local, AddressKey remote)
    {
        var path = new MediaPath(local, remote);
        _paths.Remove(path);
        _services.Table.Release(path, this);
    }

    void IDtlsOwner.SendDtls(ReadOnlySpan<byte> datagram)
    {
        if (!HasPath) return; // the handshake's own timer repeats it
        datagram.CopyTo(Reserve());
        _services.Sender.Commit(datagram.Length, _path.Local, _path.Remote);
    }

    void IDtlsOwner.OnHandshakeDone(IDtlsEngine engine, long nowMs)
    {
        if (engine.Profile is not { } profile || !Fingerprints.Match(_fingerprints, engine))
        {
            _services.Log.LogInformation("A transport ended: its peer's certificate is not the one that was announced, or no SRTP profile is shared");
            End(TransportEnd.DtlsFailed, nowMs);
            return;
        }

        var exported = engine.ExportKeys();
        var (send, receive) = SrtpMasterKey.FromExporter(profile, exported, engine.IsServer);
        CryptographicOperations.ZeroMemory(exported);
        (_srtpOut, _srtpIn) = (new(send, _services.Ciphers), new(receive, _services.Ciphers));
        (Phase, _lastAuthenticMs) = (TransportPhase.Connected, nowMs);
        Owner.OnConnected(this, nowMs);
        Media.OnUp(nowMs);
    }

    void IDtlsOwner.OnDtlsClosed(long nowMs) => End(TransportEnd.ClosedByPeer, nowMs);

    void IDtlsOwner.OnDtlsFailed(Exception? fault, long nowMs)
    {
        if (fault is not null) _services.Log.LogError(fault, "A DTLS engine failed");
        End(TransportEnd.DtlsFailed, nowMs);
    }

    private void Describe(TransportSpec spec, long nowMs)
    {
        Spec = spec;
        if (spec.Remote is { } remote)
        {
            if (_describedMs == long.MaxValue) _describedMs = nowMs;
            _fingerprints = remote.Fingerprints;
            var candidates = remote.Candidates.Take(IceAgent.MaxSignalledCandidates).Select(c => new IceRemoteCandidate(AddressKey.Of(c.Address), c.Priority));
            _agent.SetRemote(new(remote.Ufrag, remote.Password), [.. candidates], nowMs);
            _nextIceMs = nowMs;
        }

        if (spec.DtlsRole == DtlsRole.Client) _dtls.BecomeClient(nowMs);
    }

    private void Restart(int generation)
    {
        var credentials = NewCredentials(out var key);
        _agent.Restart(credentials);
        // Of two restarts without a new path in between, the middle generation is forgotten.
        if (_previousUfragKey != 0) _services.Table.Remove(_ufragKey);
        else _previousUfragKey = _ufragKey;
        (_ufragKey, Generation) = (key, generation);
    }

    private IceCredentials NewCredentials(out ulong key)
    {
        Span<byte> random = stackalloc byte[IceCredentials.RandomLength];
        IceCredentials credentials;
        do
        {
            _services.Random.NextBytes(random);
            credentials = IceCredentials.FromRandom(random);
        }
        while (!_services.Table.TryAdd(credentials.UfragKey, this));
        key = credentials.UfragKey;
        return credentials;
    }

    private void OnAuthentic(long nowMs)
    {
        _lastAuthenticMs = nowMs;
        _agent.OnSrtpReceived(nowMs);
    }

    private void AfterIce(long nowMs)
    {
        _nextIceMs = _agent.Tick(nowMs);
        HasPath = _agent.TryGetPath(out var local, out var remote);
        _path = new(local, remote);
        if (_previousUfragKey != 0 && _agent.PreviousLocal is null)
        {
            _services.Table.Remove(_previousUfragKey);
            _previousUfragKey = 0;
        }

        if (_agent.State == IceState.NeverConnected) End(TransportEnd.NeverConnected, nowMs);
        else if (_agent.State == IceState.ConsentExpired) End(TransportEnd.ConsentExpired, nowMs);
        else if (HasPath && Phase == TransportPhase.Connecting) _dtls.Pump(nowMs);
    }

    /// <inheritdoc/>
    protected override void Release(long nowMs)
    {
        _dtls.Dispose(); // says close_notify, while there is a path
        (Phase, HasPath) = (TransportPhase.Ended, false);
        Media.OnDown(nowMs);
        _services.Table.Remove(_ufragKey);
        if (_previousUfragKey != 0) _services.Table.Remove(_previousUfragKey);
        foreach (var path in _paths) _services.Table.Release(path, this);
        _paths.Clear();
        _srtpOut?.Dispose();
        _srtpIn?.Dispose();
        (_srtpOut, _srtpIn) = (null, null);
    }

    private static DropReason ReasonOf(SrtpResult result) => result switch
    {
        SrtpResult.Malformed => DropReason.SrtpMalformed,
        SrtpResult.Replayed => DropReason.SrtpReplayed,
        SrtpResult.TooManySsrcs => DropReason.SrtpTooManySources,
        _ => DropReason.SrtpForged,
    };
}
