using System.Runtime.CompilerServices;
using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>A slot in which an endpoint receives, as the relay keeps it. It has a source only while its transport is up, so that a joiner starts with a keyframe.</summary>
internal sealed class RelayForwarder
{
    private readonly UnaskedKeyframes _unasked = new();
    private TrackReceiver? _wanted;

    /// <summary>Makes a slot on its transport.</summary>
    public RelayForwarder(ForwarderSpec spec, RelayTransport transport, Random random)
    {
        (Spec, Transport, Codecs) = (spec, transport, new(spec.Payloads));
        Forwarder = new(new()
        {
            IsVideo = spec.Kind == MediaKind.Video,
            Ssrc = spec.Ssrc,
            RtxSsrc = spec.RtxSsrc,
            Mid = spec.Mid,
            Cname = spec.Cname,
            Payloads = LegMaps.Payloads(spec.Payloads),
            Extensions = LegMaps.Extensions(spec.Extensions),
        }, random)
        {
            Owner = this,
        };
        transport.Media.Add(this);
    }

    /// <summary>What was asked for last.</summary>
    public ForwarderSpec Spec { get; private set; }

    public RelayTransport Transport { get; }

    public TrackForwarder Forwarder { get; }

    /// <summary>Whose picture it shows, where the relay chooses; null for nobody's.</summary>
    public RelayTrack? Shown { get; set; }

    /// <summary>What the receiver decodes.</summary>
    public LegCodecs Codecs { get; }

    /// <summary>Its SSRC, and that of its retransmissions.</summary>
    public IEnumerable<uint> Ssrcs => Spec.RtxSsrc is { } rtx ? [Spec.Ssrc, rtx] : [Spec.Ssrc];

    /// <summary>The sound that is to be heard; null once it was taken, or for none.</summary>
    public Cue? Cue { get; set; }

    /// <summary>Becomes what a new statement says, which changes nothing but the source and what is to be heard once.</summary>
    public void Become(ForwarderSpec spec)
    {
        if (spec.Cue is { } cue && cue.Number != Spec.Cue?.Number) Cue = cue;
        Spec = spec;
    }

    /// <summary>Whether a new statement changes nothing but the source.</summary>
    public bool CanBecome(ForwarderSpec spec) =>
        spec.TransportId == Spec.TransportId && spec.Kind == Spec.Kind && spec.Mid == Spec.Mid && spec.Ssrc == Spec.Ssrc && spec.RtxSsrc == Spec.RtxSsrc && spec.Cname == Spec.Cname && (spec.Feed == Spec.Feed || (IsView(spec.Feed) && IsView(Spec.Feed)))
        && LegMaps.AreSame(spec.Payloads, Spec.Payloads) && spec.Extensions.SequenceEqual(Spec.Extensions);

    /// <summary>Says what feeds it from now on; null for nothing.</summary>
    public void Aim(TrackReceiver? track, long nowMs)
    {
        _wanted = track;
        Apply(nowMs);
    }

    /// <summary>Brings about what is wanted, as far as the transport allows.</summary>
    public void Apply(long nowMs)
    {
        var target = Transport.Phase == TransportPhase.Connected ? _wanted : null;
        if ((Forwarder.Pending ?? Forwarder.Source) == target) return;
        Forwarder.SetSource(target, nowMs);
        if (!Transport.CanSend) return;
        // One that the relay feeds itself goes on as soon as there is something again: for whoever listens it is the same stream.
        if (target is null && Forwarder.Packets > 0 && Spec.Feed == ForwarderFeed.Track) Transport.Media.SendBye(this);
        Drain(nowMs);
    }

    /// <summary>A track that feeds it, or will, has a new packet.</summary>
    public void Forward(TrackReceiver track, long position, long nowMs)
    {
        if (!Transport.CanSend) return;
        Forwarder.Offer(track, position, nowMs);
        Drain(nowMs);
    }

    /// <summary>Sends a packet that the receiver lost, if it is still there; says whether.</summary>
    public bool Resend(ushort sequence, long nowMs)
    {
        var room = Transport.Reserve();
        switch (Forwarder.WriteResend(sequence, room, nowMs, out var length))
        {
            case Core.Forwarding.Resend.Protect:
                Send(room, length);
                return true;
            case Core.Forwarding.Resend.AsIs:
                Transport.SendRtp(length);
                return true;
            default:
                return false;
        }
    }

    /// <summary>The receiver cannot decode without a keyframe.</summary>
    public void RequestKeyframe()
    {
        _unasked.OnAsked();
        Forwarder.RequestKeyframe();
    }

    /// <summary>Takes the receiver's report on this slot.</summary>
    public void OnReport(in ReportBlock block, ulong ourNtp)
    {
        Forwarder.OnReport(block, ourNtp);
        if (block.FractionLost > 0) _unasked.OnLoss();
    }

    /// <summary>Does what is due; every 20 ms. Pictures that the relay chooses go to clients that were made for calls between two, and not all of them ask for what they lack.</summary>
    public void Tick(long nowMs)
    {
        if (Spec.Kind == MediaKind.Video && IsView(Spec.Feed) && _unasked.TryTake(Forwarder.Source, Forwarder.Source?.LatestKeyframeMs ?? 0, nowMs)) Forwarder.RequestKeyframe();
    }

    /// <summary>Ends it.</summary>
    public void End(long nowMs)
    {
        Aim(null, nowMs);
        Transport.Media.Remove(this);
    }

    // What is seen in one and the same stream, whichever the relay makes of it.
    private static bool IsView(ForwarderFeed feed) => feed is ForwarderFeed.Speaker or ForwarderFeed.Composed;

    private void Drain(long nowMs)
    {
        while (true)
        {
            var room = Transport.Reserve();
            var length = Forwarder.WriteNext(room, nowMs);
            if (length == 0) return;
            Send(room, length);
        }
    }

    // Inlined, as the span would otherwise go through memory on every packet.
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Send(Span<byte> room, int length)
    {
        if (!Transport.TryProtectRtp(room, length, out var wireLength)) return;
        Forwarder.Sent(room[..wireLength]);
        Transport.SendRtp(wireLength);
    }
}
