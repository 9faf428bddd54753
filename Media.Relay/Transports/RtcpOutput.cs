using System.Text;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtcp;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay.Transports;

/// <summary>The RTCP that a transport sends: NACK and PLI at once, arrival times every 50 ms, reports every second, goodbyes.</summary>
internal sealed class RtcpOutput
{
    private const int MaxCompound = 1_200;
    private const long ArrivalsMs = 50, ReportsMs = 1_000;

    /// <summary>The most that one track's NACK and PLI take, and one slot's report with its CNAME.</summary>
    private const int MaxFeedback = 300, MaxReport = 28 + 8 + 2 + 255 + 4;

    private readonly RelayTransport _transport;
    private readonly TransportMedia _media;
    private readonly NtpClock _ntp;
    private readonly byte[] _cname;
    private readonly ReceiveBudget _budget = new();
    private long _nextArrivalsMs, _nextReportsMs, _lastReportsMs, _lastOctetsIn;

    public RtcpOutput(RelayTransport transport, TransportMedia media, TransportServices services, long nowMs)
    {
        (_transport, _media, _ntp) = (transport, media, services.Ntp);
        // A name of its own for the relay's side: RFC 7022 section 4.2, short-term and random.
        _cname = Encoding.ASCII.GetBytes(Convert.ToHexStringLower(BitConverter.GetBytes(services.Random.NextInt64())));
        _nextReportsMs = nowMs + services.Random.Next((int)ReportsMs);
        _lastReportsMs = nowMs;
    }

    /// <summary>Sends what is due.</summary>
    public void Tick(long nowMs)
    {
        if (_media.Tracks.Count > 0) SendFeedback(nowMs);
        if (_media.Feedback is { } arrivals && nowMs >= _nextArrivalsMs)
        {
            _nextArrivalsMs = nowMs + ArrivalsMs;
            SendArrivals(arrivals);
        }

        if (nowMs < _nextReportsMs) return;
        SendReports(nowMs);
        _nextReportsMs = nowMs + ReportsMs;
    }

    /// <summary>Says that a slot is free.</summary>
    public void SendBye(RelayForwarder forwarder)
    {
        var room = _transport.Reserve();
        var rtcp = Begin(room);
        forwarder.Forwarder.WriteBye(ref rtcp);
        _transport.SendRtcp(room, rtcp.Length);
    }

    private void SendFeedback(long nowMs)
    {
        var room = _transport.Reserve();
        var rtcp = Begin(room);
        var any = false;
        for (var i = 0; i < _media.Tracks.Count; i++)
        {
            if (rtcp.Length > MaxCompound - MaxFeedback)
            {
                _transport.SendRtcp(room, rtcp.Length);
                room = _transport.Reserve();
                rtcp = Begin(room);
                any = false;
            }

            any |= _media.Tracks[i].Receiver.WriteFeedback(ref rtcp, nowMs);
        }

        if (any) _transport.SendRtcp(room, rtcp.Length);
    }

    private void SendArrivals(TransportFeedback arrivals)
    {
        var room = _transport.Reserve();
        var rtcp = Begin(room);
        var media = _media.Tracks.Count > 0 ? _media.Tracks[0].Receiver.Ssrc ?? 0 : 0;
        if (arrivals.Write(ref rtcp, _media.LocalSsrc, media)) _transport.SendRtcp(room, rtcp.Length);
    }

    private void SendReports(long nowMs)
    {
        var room = _transport.Reserve();
        var rtcp = new RtcpWriter(room[..MaxCompound]);
        rtcp.AddReceiverReport(_media.LocalSsrc);
        byte worst = 0;
        for (var i = 0; i < _media.Tracks.Count; i++)
        {
            var receiver = _media.Tracks[i].Receiver;
            if (!receiver.TryTakeReport(nowMs, out var block)) continue;
            rtcp.AddReportBlock(block);
            worst = Math.Max(worst, block.FractionLost);
        }

        rtcp.AddSourceDescription(_media.LocalSsrc, _cname);
        AddBudget(ref rtcp, worst, nowMs);
        for (var i = 0; i < _media.Forwarders.Count; i++)
        {
            if (rtcp.Length > MaxCompound - MaxReport)
            {
                _transport.SendRtcp(room, rtcp.Length);
                room = _transport.Reserve();
                rtcp = Begin(room);
            }

            _media.Forwarders[i].Forwarder.WriteSenderReport(ref rtcp, _ntp.At(nowMs));
        }

        _transport.SendRtcp(room, rtcp.Length);
    }

    /// <summary>A sender that gets no arrival times is told how much it may send, where it asked to be told.</summary>
    private void AddBudget(ref RtcpWriter rtcp, byte worst, long nowMs)
    {
        var (octets, passed) = (_media.OctetsIn - _lastOctetsIn, Math.Max(1, nowMs - _lastReportsMs));
        (_lastOctetsIn, _lastReportsMs) = (_media.OctetsIn, nowMs);
        if (_media.Feedback is not null) return;
        Span<uint> ssrcs = stackalloc uint[16];
        var count = 0;
        for (var i = 0; i < _media.Tracks.Count && count < ssrcs.Length; i++)
        {
            if (_media.Tracks[i] is { WantsBudget: true, Receiver.Ssrc: { } ssrc }) ssrcs[count++] = ssrc;
        }

        if (count == 0) return;
        _budget.Update(worst, octets * 8 * 1000 / passed);
        rtcp.AddMaxBitrate(_media.LocalSsrc, _budget.BitsPerSecond, ssrcs[..count]);
    }

    private RtcpWriter Begin(Span<byte> room)
    {
        var rtcp = new RtcpWriter(room[..MaxCompound]);
        rtcp.AddReceiverReport(_media.LocalSsrc);
        rtcp.AddSourceDescription(_media.LocalSsrc, _cname);
        return rtcp;
    }
}
