using System.Buffers.Binary;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Native;
using Parley.Media.Relay.Pictures;

namespace Parley.bench.Pictures;

/// <summary>Our mixer with everything around it, on one thread: from RTP packets to RTP payloads.</summary>
internal static class ParleyGrid
{
    /// <summary>Makes a number of pictures.</summary>
    /// <returns>The CPU time that it took, in seconds, and how long the frames were together.</returns>
    public static (double Seconds, long Octets) Run(Clips clips, int rendition, int frames)
    {
        var (octets, made, cutter, payload) = (0L, 0, new VideoPackets(PayloadFormat.Vp8), new byte[VideoPackets.MaxPayload]);
        using var pictures = new ConferencePictures((_, frame, isKeyframe, _, _) =>
        {
            made++;
            var count = cutter.Begin(frame);
            for (var i = 0; i < count; i++) octets += cutter.Write(payload, frame, isKeyframe, i, count);
        }, TextLibraries.AreThere ? new PangoNames() : null, null, null);
        var sources = clips.Frames.Select((f, i) => new Source(pictures, f, (uint)i + 1)).ToList();
        pictures.AddGrid(Renditions.All[rendition], VideoCoding.Vp8);
        pictures.Show([.. sources.Select((s, i) => new PersonView($"Person {i}", s.Id, false, i == 0))]);
        var packets = sources.ConvertAll(s => s.Cut(frames));
        var began = ThreadClock.CpuNanoseconds;
        for (var n = 0; n < frames; n++)
        {
            var nowMs = n * 67L;
            for (var i = 0; i < sources.Count; i++) sources[i].Give(packets[i][n], nowMs);
            pictures.Work(nowMs);
            pictures.Drain(nowMs);
        }

        var seconds = (ThreadClock.CpuNanoseconds - began) / 1e9;
        // The encoder leaves out some to keep its rate, as everybody's does.
        return made > frames / 2 ? (seconds, octets) : throw new InvalidOperationException($"{made} of {frames} pictures were made");
    }

    private sealed class Source : IVideoFrameSink
    {
        private readonly ConferencePictures _pictures;
        private readonly IReadOnlyList<byte[]> _frames;
        private readonly TrackReceiver _track;
        private readonly VideoFrameReader _reader;
        private readonly uint _ssrc;

        public Source(ConferencePictures pictures, IReadOnlyList<byte[]> frames, uint ssrc)
        {
            (_pictures, _frames, _ssrc) = (pictures, frames, ssrc);
            Id = pictures.AddSource(() => throw new InvalidOperationException("a frame could not be decoded"));
            _track = new(new() { IsVideo = true, Ssrc = ssrc, Payloads = new([new LegPayload(96, "VP8", 90_000, [], [])]), Extensions = ExtensionMap.Empty, Clock = new(), LocalSsrc = 99 });
            _reader = new(_track, this, 0);
        }

        public int Id { get; }

        public List<List<byte[]>> Cut(int count)
        {
            var cutter = new VideoPackets(PayloadFormat.Vp8);
            var (all, sequence) = (new List<List<byte[]>>(), (ushort)0);
            for (var n = 0; n < count; n++)
            {
                var packets = new List<byte[]>();
                var parts = cutter.Begin(_frames[n]);
                for (var i = 0; i < parts; i++)
                {
                    var packet = new byte[RtpHeader.MinLength + VideoPackets.MaxPayload];
                    (packet[0], packet[1]) = (0x80, (byte)((i == parts - 1 ? 0x80 : 0) | 96));
                    BinaryPrimitives.WriteUInt16BigEndian(packet.AsSpan(2), sequence++);
                    BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(4), (uint)n * 6000);
                    BinaryPrimitives.WriteUInt32BigEndian(packet.AsSpan(8), _ssrc);
                    packets.Add(packet[..(RtpHeader.MinLength + cutter.Write(packet.AsSpan(RtpHeader.MinLength), _frames[n], n == 0, i, parts))]);
                }

                all.Add(packets);
            }

            return all;
        }

        public void Give(List<byte[]> packets, long nowMs)
        {
            foreach (var packet in packets)
            {
                if (RtpHeader.TryParse(packet, out var header) && _track.Receive(packet, header, nowMs, out var position) == TrackInput.Stored) _reader.OnStored(position, nowMs);
            }
        }

        public bool OnFrame(in VideoFrame frame, ReadOnlySpan<byte> data) => _pictures.Put(Id, frame, data);
    }
}
