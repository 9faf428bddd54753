using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay.Transports;

/// <summary>
/// The packets of a batch that are in their tracks' rings and not forwarded yet. They go out track by track and, within a track, receiver by receiver: what a receiver
/// has (keys, numbers, statistics) is used for all of a frame while it is in the cache, and its datagrams lie together. Nothing is allocated after the constructor.
/// </summary>
internal sealed class ForwardQueue
{
    /// <summary>How many packets wait at most; one more sends them on.</summary>
    private const int Capacity = 64;

    private readonly (TrackReceiver? Track, long Position)[] _packets = new (TrackReceiver?, long)[Capacity];
    private int _count;

    /// <summary>Adds a packet that a track has stored.</summary>
    public void Add(TrackReceiver track, long position, long nowMs)
    {
        if (_count == Capacity) Drain(nowMs);
        _packets[_count++] = (track, position);
    }

    /// <summary>Forwards what waits.</summary>
    public void Drain(long nowMs)
    {
        var packets = _packets.AsSpan(0, _count);
        _count = 0;
        for (; !packets.IsEmpty; packets = packets[1..])
        {
            if (packets[0].Track is not { } track) continue; // went with the track's first
            var forwarders = track.Forwarders;
            for (var i = 0; i < forwarders.Count; i++)
            {
                var forwarder = (RelayForwarder)forwarders[i].Owner!;
                foreach (ref readonly var packet in packets)
                {
                    if (packet.Track == track) forwarder.Forward(track, packet.Position, nowMs);
                }
            }

            foreach (ref var packet in packets)
            {
                if (packet.Track == track) packet.Track = null;
            }
        }
    }
}
