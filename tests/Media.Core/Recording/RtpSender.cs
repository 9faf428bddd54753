using Parley.Media.Core.Recording;

namespace Parley.tests.Media.Core.Recording;

/// <summary>Sends footage as RTP over a network of a test's choice, into a recording, in virtual time. Sequence numbers and timestamps begin just before they wrap around.</summary>
internal sealed class RtpSender(EndpointRecording recording, int seed = 1)
{
    private readonly PriorityQueue<(RecordedStream Stream, RecordedPacket Packet, byte[] Payload), long> _flying = new();
    private readonly Random _random = new(seed);

    /// <summary>When the footage begins, on the relay's clock.</summary>
    public const long BeganMs = 1_000_000;

    /// <summary>From when on the sender's reports are known; in milliseconds of the footage.</summary>
    public long ReportsFromMs { get; init; }

    /// <summary>What a packet suffers: null for lost, else how long it takes. Given is whether it is video.</summary>
    public Func<bool, Random, long?> Network { get; init; } = (_, _) => 20;

    /// <summary>What came of requests for a keyframe.</summary>
    public int KeyframesAsked { get; private set; }

    /// <summary>Sends part of the footage.</summary>
    public void Run(long fromMs, long toMs, bool isVp9 = false, bool hasVideo = true)
    {
        var audio = recording.Add("audio", isVideo: false);
        var video = hasVideo ? recording.Add("video", isVideo: true) : null;
        if (hasVideo) Prepare(video!, isVp9, fromMs, toMs);
        var position = 65_530L;
        for (var ms = fromMs; ms < toMs; ms += 20) Fly(audio, position++, (uint)(uint.MaxValue - 20_000 + (ms * 48)), RecordedCodec.Opus, marker: false, ms, Footage.Opus[(int)(ms / 20)]);
        for (var now = BeganMs + fromMs; now < BeganMs + toMs + 2_000; now += 10)
        {
            while (_flying.TryPeek(out var next, out var at) && at <= now)
            {
                next.Stream.Put(next.Packet with { ArrivalMs = at }, next.Payload);
                _flying.Dequeue();
            }

            recording.Tick(now);
            if (video?.WantsKeyframe(now) == true) KeyframesAsked++;
        }
    }

    private void Prepare(RecordedStream video, bool isVp9, long fromMs, long toMs)
    {
        var (position, picture) = (65_500L, 0);
        foreach (var frame in isVp9 ? Footage.Vp9 : Footage.Vp8)
        {
            var ms = picture++ * 1000L / Footage.FramesPerSecond;
            if (ms < fromMs || ms >= toMs) continue;
            var timestamp = (uint)(uint.MaxValue - 200_000 + ((picture - 1) * 3_000L));
            for (var at = 0; at < frame.Length; at += 900)
            {
                var data = frame.AsSpan(at, Math.Min(900, frame.Length - at));
                var isLast = at + 900 >= frame.Length;
                // RFC 7741 section 4.2: S. RFC 9628 section 4.2: P, B, E.
                var first = isVp9 ? (byte)(((picture - 1) % 60 == 0 ? 0 : 0x40) | (at == 0 ? 0x08 : 0) | (isLast ? 0x04 : 0)) : (byte)(at == 0 ? 0x10 : 0);
                Fly(video, position++, timestamp, isVp9 ? RecordedCodec.Vp9 : RecordedCodec.Vp8, isLast, ms, [first, .. data]);
            }
        }
    }

    private void Fly(RecordedStream stream, long position, uint timestamp, RecordedCodec codec, bool marker, long ms, byte[] payload)
    {
        if (Network(stream.IsVideo, _random) is not { } delay) return;
        _flying.Enqueue((stream, new(position, timestamp, codec, marker, 0, ms >= ReportsFromMs ? BeganMs + ms + 20 : null), payload), BeganMs + ms + delay);
    }
}
