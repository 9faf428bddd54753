using Parley.Media.Core.Rtcp;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;
using Parley.tests.Media.Core.Video;
using Parley.tests.Media.Relay.Lab;

namespace Parley.tests.Media.Relay.Pictures;

/// <summary>A mixer of pictures that works when it is told to.</summary>
internal sealed class VirtualPictures : IPictureMixer
{
    private readonly List<ConferencePictures> _all = [];

    /// <summary>How many conferences have pictures made.</summary>
    public int Count => _all.Count(p => !p.IsClosed);

    /// <summary>What is counted.</summary>
    public PictureCounters Counters { get; } = new();

    /// <summary>Whether there is no room for another conference.</summary>
    public bool IsFull { get; set; }

    /// <summary>Whether OpenH264 is to be missing.</summary>
    public bool LacksH264 { get; set; }

    public bool Has(PayloadFormat format) => PictureCodecs.Has(format) && !(LacksH264 && format == PayloadFormat.H264);

    /// <summary>Has what is made fail.</summary>
    public void Fail()
    {
        foreach (var pictures in _all) pictures.Fail();
    }

    public ConferencePictures? Open(PictureDelivery deliver, long delayMs = 0)
    {
        if (IsFull) return null;
        _all.Add(new(deliver, new PangoNames(), null, null, Counters, delayMs));
        return _all[^1];
    }

    /// <summary>Does what its threads would.</summary>
    public void Work(long nowMs)
    {
        foreach (var pictures in _all.Where(p => !p.IsClosed))
        {
            pictures.Work(nowMs);
            pictures.Drain(nowMs);
        }

        foreach (var closed in _all.Where(p => p.IsClosed).ToList())
        {
            closed.Dispose();
            _all.Remove(closed);
        }
    }
}

/// <summary>A peer's camera: real frames at a rate, a keyframe when the relay asks for one.</summary>
internal sealed class Camera(LabPeer peer, int person, int width = 320, int height = 180, PayloadFormat format = PayloadFormat.Vp8, int rate = 15, byte payloadType = 96) : IDisposable
{
    private readonly PictureSender _sender = new(person, width, height, format, rate);
    private readonly FrameStream _stream = new(format, peer.Video.Ssrc, 100, payloadType);
    private int _heard, _frames;
    private double _nextMs = double.MinValue;

    /// <summary>Keyframes made.</summary>
    public int Keyframes { get; private set; }

    /// <summary>Every millisecond.</summary>
    public void Tick(long nowMs)
    {
        for (; _heard < peer.ReceivedRtcp.Count; _heard++)
        {
            foreach (var packet in RtcpReader.Read(peer.ReceivedRtcp[_heard]))
                if (packet.Kind == RtcpKind.PictureLoss && packet.MediaSsrc == peer.Video.Ssrc) _sender.WantsKeyframe = true;
        }

        if (nowMs < _nextMs) return;
        _nextMs = Math.Max(nowMs, _nextMs + 1000.0 / rate);
        var frame = _sender.Next(out var isKeyframe);
        if (frame.Length == 0) return;
        if (isKeyframe) Keyframes++;
        foreach (var packet in _stream.Cut(frame, isKeyframe, (uint)(nowMs * 90))) peer.SendRtp(packet);
        _frames++;
    }

    public void Dispose() => _sender.Dispose();
}

/// <summary>What a peer sees in a slot: decoded as a client does it, and judged.</summary>
internal sealed class Screen : IVideoFrameSink, IDisposable
{
    private readonly LabPeer _peer;
    private readonly uint _ssrc;
    private readonly IPictureDecoder _decoder;
    private readonly Parley.Media.Core.Forwarding.TrackReceiver _track;
    private readonly VideoFrameReader _reader;
    private int _taken;

    public Screen(LabPeer peer, uint ssrc, PayloadFormat format = PayloadFormat.Vp8, byte payloadType = 120)
    {
        (_peer, _ssrc, _decoder) = (peer, ssrc, PictureCodecs.Decoder(format));
        _track = new(new()
        {
            IsVideo = true,
            Ssrc = ssrc,
            Payloads = new([new(payloadType, format.ToString(), 90_000, [], ["nack", "nack pli"])]),
            Extensions = ExtensionMap.Empty,
            Clock = new(),
            LocalSsrc = peer.Video.Ssrc,
        });
        _reader = new(_track, this, 0);
    }

    /// <summary>What is seen now.</summary>
    public I420View? Picture => _decoder.Picture;

    public int Frames { get; private set; }

    public int Errors { get; private set; }

    public long Losses => _reader.Losses;

    public long LastFrameMs { get; private set; } = -1;

    /// <summary>The longest time without a new picture since the first.</summary>
    public long LongestGapMs { get; private set; }

    public long Octets { get; private set; }

    /// <summary>Every millisecond.</summary>
    public void Tick(long nowMs)
    {
        for (; _taken < _peer.Received.Count; _taken++)
        {
            var packet = _peer.Received[_taken];
            if (packet.Header.Ssrc != _ssrc) continue;
            Octets += packet.Bytes.Length;
            var before = Frames;
            if (_track.Receive(packet.Bytes, packet.Header, nowMs, out var position) == Parley.Media.Core.Forwarding.TrackInput.Stored) _reader.OnStored(position, nowMs);
            if (Frames == before) continue;
            if (LastFrameMs >= 0) LongestGapMs = Math.Max(LongestGapMs, nowMs - LastFrameMs);
            LastFrameMs = nowMs;
        }

        if (nowMs % 20 != 0) return;
        _reader.Tick(nowMs);
        if (Frames > 0) LongestGapMs = Math.Max(LongestGapMs, nowMs - LastFrameMs);
        if (_track.Ssrc is not null && _track.Highest >= 0) Feedback(nowMs);
    }

    public bool OnFrame(in VideoFrame frame, ReadOnlySpan<byte> data)
    {
        if (!_decoder.Decode(data))
        {
            Errors++;
            return false;
        }

        Frames++;
        return true;
    }

    public void Dispose() => _decoder.Dispose();

    private void Feedback(long nowMs)
    {
        var room = new byte[1200];
        var rtcp = new RtcpWriter(room);
        rtcp.AddReceiverReport(_peer.Video.Ssrc);
        if (!_track.WriteFeedback(ref rtcp, nowMs)) return;
        var lost = new ushort[17];
        foreach (var packet in RtcpReader.Read(rtcp.Written))
        {
            var pli = packet.Kind == RtcpKind.PictureLoss;
            if (pli) _peer.SendRtcp((ref RtcpWriter w) => w.AddPictureLoss(_peer.Video.Ssrc, _ssrc));
            for (var i = 0; packet.Kind == RtcpKind.Nack && i < packet.NackCount; i++)
            {
                var some = lost[..packet.ReadNack(i, lost)].ToArray();
                _peer.SendNack(_ssrc, some);
            }
        }
    }
}
