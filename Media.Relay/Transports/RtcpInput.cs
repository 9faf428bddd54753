using Parley.Media.Core.Rtcp;

namespace Parley.Media.Relay.Transports;

/// <summary>What a peer's RTCP makes us do. It ends here: nothing is passed through.</summary>
internal sealed class RtcpInput(RelayTransport transport, TransportMedia media, NtpClock ntp)
{
    /// <summary>Resends per 20 ms, so that a peer that asks for everything again gets some 6 MB/s and no more.</summary>
    private const int MaxResends = 100;

    private int _resends;

    /// <summary>A new 20 ms begin.</summary>
    public void OnTick() => _resends = 0;

    /// <summary>Takes a compound in the clear.</summary>
    public void Receive(ReadOnlySpan<byte> compound, long nowMs)
    {
        foreach (var packet in RtcpReader.Read(compound))
        {
            switch (packet.Kind)
            {
                case RtcpKind.SenderReport:
                    if (media.TryFindTrack(packet.SenderReport.Ssrc, out var track)) track.OnSenderReport(packet.SenderReport, ntp.At(nowMs), nowMs);
                    TakeReports(packet, nowMs);
                    break;
                case RtcpKind.ReceiverReport:
                    TakeReports(packet, nowMs);
                    break;
                case RtcpKind.Nack:
                    if (transport.CanSend) Resend(packet, nowMs);
                    break;
                case RtcpKind.PictureLoss:
                    if (media.TryFindForwarder(packet.MediaSsrc, out var slot)) slot.RequestKeyframe();
                    break;
                case RtcpKind.MaxBitrate:
                    media.PeerEstimate = (long)Math.Min(packet.MaxBitrate, long.MaxValue);
                    break;
                case RtcpKind.FullIntraRequest:
                    for (var i = 0; i < packet.FullIntraRequestCount; i++)
                    {
                        if (media.TryFindForwarder(packet.FullIntraRequestSsrc(i), out var asked)) asked.RequestKeyframe();
                    }

                    break;
            }
        }
    }

    private void TakeReports(in RtcpPacket packet, long nowMs)
    {
        for (var i = 0; i < packet.ReportBlockCount; i++)
        {
            var block = packet.ReportBlock(i);
            if (!media.TryFindForwarder(block.Ssrc, out var forwarder) || forwarder.Spec.Ssrc != block.Ssrc) continue;
            forwarder.OnReport(block, ntp.At(nowMs));
            if (forwarder.Forwarder.RoundTripMs is > 0 and var trip) SpaceNacks(trip);
        }
    }

    /// <summary>The round trip to the peer as a receiver is that to it as a sender.</summary>
    private void SpaceNacks(long roundTripMs)
    {
        for (var i = 0; i < media.Tracks.Count; i++) media.Tracks[i].Receiver.RoundTripMs = roundTripMs;
    }

    private void Resend(in RtcpPacket packet, long nowMs)
    {
        if (!media.TryFindForwarder(packet.MediaSsrc, out var forwarder) || forwarder.Spec.Ssrc != packet.MediaSsrc) return;
        Span<ushort> lost = stackalloc ushort[17];
        for (var i = 0; i < packet.NackCount; i++)
        {
            var count = packet.ReadNack(i, lost);
            for (var j = 0; j < count; j++)
            {
                if (_resends >= MaxResends) return;
                if (forwarder.Resend(lost[j], nowMs)) _resends++;
            }
        }
    }
}
