using Microsoft.Extensions.Logging;
using Parley.Media.Control;
using Parley.Media.Core;
using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Relay.Transports;

/// <summary>
/// Plain RTP on ports of its own (XEP-0177), for whom the caller trusts. It sends to the signalled address alone, and only once something came from there unless it was told otherwise: an address that
/// is not asked cannot be flooded with our media.
/// </summary>
internal sealed class RawUdpTransport : RelayTransport, IRawReceiver
{
    private readonly TransportServices _services;
    private readonly RawTransport _raw;
    private readonly RawSources _sources = new();
    private readonly AddressKey _rtp, _rtcp;
    private readonly IRawPort? _port;
    private readonly long _bornMs;
    private long _nowMs, _nextKeyframeMs;
    private bool _asksForKeyframes;

    /// <summary>Makes a transport and opens its ports. Without ports it ends with the first tick, as whatever ends by itself does.</summary>
    public RawUdpTransport(TransportSpec spec, TransportServices services, ITransportOwner owner, long nowMs) : base(spec, services, owner, nowMs)
    {
        (_services, _raw, _bornMs, _nowMs) = (services, spec.Raw!, nowMs, nowMs);
        _rtp = AddressKey.Of(_raw.Rtp);
        _rtcp = _raw.Rtcp is { } rtcp ? AddressKey.Of(rtcp) : _rtp;
        _port = services.RawPorts!.TryOpen(_rtp, this);
    }

    /// <inheritdoc/>
    public override bool CanSend => Phase == TransportPhase.Connected;

    /// <inheritdoc/>
    public override TransportState StateOf(IReadOnlyList<IceCandidate> candidates)
    {
        var own = Phase == TransportPhase.Ended ? null : _port?.Address;
        return new(Id, "", "", own is null ? [] : [new("1", 1, 1, own, "host", "r1"), new("1", 2, 1, new(own.Address, own.Port + 1), "host", "r2")],
            new("sha-256", _services.Dtls.Fingerprint), 0, CanSend, own is null ? EndedBy ?? TransportEnd.NoPort : EndedBy);
    }

    /// <inheritdoc/>
    public override void Update(TransportSpec spec, long nowMs) => Spec = spec;

    /// <inheritdoc/>
    public void Receive(Span<byte> datagram, in AddressKey remote, long nowMs, long nowUs)
    {
        var reason = Take(datagram, remote, nowMs, nowUs);
        if (reason != DropReason.None) _services.Counters.Drop(reason);
    }

    /// <inheritdoc/>
    public override void Tick(long nowMs)
    {
        if (Phase == TransportPhase.Ended) return;
        _nowMs = nowMs;
        if (_port is null)
        {
            End(TransportEnd.NoPort, nowMs);
            return;
        }

        if (Phase == TransportPhase.Connecting && (_raw.SendsUnheard || Owner.Liveness.HasHeard(_rtp.Address))) Begin(nowMs);
        if (Owner.IsOnHold) Owner.Liveness.Rest(nowMs);
        if (IsSilent(nowMs) is { } why)
        {
            End(why, nowMs);
            return;
        }

        if (!CanSend) return;
        WantKeyframes(nowMs);
        Media.Tick(nowMs);
    }

    /// <inheritdoc/>
    public override Span<byte> Reserve() => _port!.Reserve();

    /// <inheritdoc/>
    public override bool TryProtectRtp(Span<byte> room, int length, out int wireLength)
    {
        wireLength = length;
        return true;
    }

    /// <inheritdoc/>
    public override void SendRtp(int wireLength)
    {
        _port!.CommitRtp(wireLength, _rtp);
        _services.Counters.CountOut();
    }

    /// <inheritdoc/>
    public override void SendRtcp(Span<byte> room, int length)
    {
        if (_raw.Rtcp is null) _port!.CommitRtp(length, _rtp);
        else _port!.SendRtcp(room[..length], _rtcp);
    }

    /// <inheritdoc/>
    public override void Dispose() => Close(_nowMs);

    /// <inheritdoc/>
    protected override void Release(long nowMs)
    {
        Phase = TransportPhase.Ended;
        Media.OnDown(nowMs);
        _port?.Dispose();
    }

    private DropReason Take(Span<byte> datagram, in AddressKey remote, long nowMs, long nowUs)
    {
        if (Phase == TransportPhase.Ended) return DropReason.UnknownPath;
        if (remote.Address != _rtp.Address) return DropReason.RawSource;
        return DatagramKinds.Classify(datagram) switch
        {
            DatagramKind.Rtp => TakeRtp(datagram, remote, nowMs, nowUs),
            DatagramKind.Rtcp => TakeRtcp(datagram, remote, nowMs),
            _ => DropReason.UnknownProtocol,
        };
    }

    private DropReason TakeRtp(Span<byte> datagram, in AddressKey remote, long nowMs, long nowUs)
    {
        if (!RtpHeader.TryParse(datagram, out var header)) return DropReason.RtpMalformed;
        var isNew = false;
        if (_sources.Find(Media.Tracks, header) is not { } source)
        {
            // Whoever is silenced, or sends what nobody wants, is still there; but it takes what was agreed to begin.
            if (CanSend) Hear(remote, nowMs);
            return DropReason.RtpNoTrack;
        }

        if (!source.Accepts(header, remote.Port, nowMs, ref isNew)) return DropReason.RawSource;
        Hear(remote, nowMs);
        if (isNew)
        {
            _services.Log.LogDebug("A track without ICE has another sender from now on");
            Owner.Renew(source.Track, nowMs);
            if (_sources.Find(Media.Tracks, header) is { } renewed) renewed.Accepts(header, remote.Port, nowMs, ref isNew);
        }

        return Media.ReceiveRtp(datagram, header, nowMs, nowUs);
    }

    private DropReason TakeRtcp(Span<byte> datagram, in AddressKey remote, long nowMs)
    {
        var isAny = false;
        foreach (var packet in RtcpReader.Read(datagram))
        {
            isAny = true;
            _asksForKeyframes |= packet.Kind is RtcpKind.PictureLoss or RtcpKind.FullIntraRequest;
        }

        if (!isAny) return DropReason.RtpMalformed;
        Hear(remote, nowMs);
        Media.ReceiveRtcp(datagram, nowMs);
        return DropReason.None;
    }

    private void Hear(in AddressKey remote, long nowMs)
    {
        Owner.Liveness.Hear(remote.Address, nowMs);
        if (Phase == TransportPhase.Connecting) Begin(nowMs);
    }

    private void Begin(long nowMs)
    {
        Phase = TransportPhase.Connected;
        Owner.OnConnected(this, nowMs);
        Media.OnUp(nowMs);
    }

    private TransportEnd? IsSilent(long nowMs)
    {
        if (Owner.Liveness.HeardMs is { } heard)
            return nowMs - Math.Max(heard, _bornMs) >= _raw.SilenceTimeout.TotalMilliseconds ? TransportEnd.ConsentExpired : null;
        return !_raw.SendsUnheard && nowMs - _bornMs >= _raw.ConnectTimeout.TotalMilliseconds ? TransportEnd.NeverConnected : null;
    }

    private void WantKeyframes(long nowMs)
    {
        if (_asksForKeyframes || _raw.KeyframeInterval == TimeSpan.Zero || nowMs < _nextKeyframeMs) return;
        _nextKeyframeMs = nowMs + (long)_raw.KeyframeInterval.TotalMilliseconds;
        for (var i = 0; i < Media.Forwarders.Count; i++) Media.Forwarders[i].Forwarder.RequestKeyframe();
    }
}
