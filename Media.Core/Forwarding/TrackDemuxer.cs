using System.Text;
using Parley.Media.Core.Rtp;

namespace Parley.Media.Core.Forwarding;

/// <summary>Finds the track of a transport's RTP packet: by SSRC, else by mid (RFC 9143 section 9.2), else by payload type.</summary>
public sealed class TrackDemuxer
{
    private const int MaxSsrcs = 128;
    private readonly Dictionary<uint, Entry> _bySsrc = [];
    private readonly List<(TrackReceiver Track, byte[] Mid)> _tracks = [];

    /// <summary>Adds a track.</summary>
    public void Add(TrackReceiver track)
    {
        _tracks.Add((track, Encoding.UTF8.GetBytes(track.Settings.Mid ?? "")));
        if (track.Ssrc is { } ssrc) _bySsrc[ssrc] = new(track, false);
        if (track.RtxSsrc is { } rtx) _bySsrc[rtx] = new(track, true);
    }

    /// <summary>Removes a track.</summary>
    public void Remove(TrackReceiver track)
    {
        _tracks.RemoveAll(t => t.Track == track);
        foreach (var (ssrc, entry) in _bySsrc)
        {
            if (entry.Track == track) _bySsrc.Remove(ssrc);
        }
    }

    /// <summary>The track that an SSRC belongs to, for RTCP; false if none or if it is a retransmission's.</summary>
    public bool TryFind(uint ssrc, out TrackReceiver track)
    {
        var found = _bySsrc.TryGetValue(ssrc, out var entry);
        track = entry.Track;
        return found && !entry.IsRtx;
    }

    /// <summary>Gives a packet in the clear to its track.</summary>
    /// <param name="packet">The packet; a retransmission is changed into its original.</param>
    /// <param name="header">Its header.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="track">The track, unless the answer is <see cref="TrackInput.NoTrack"/>.</param>
    /// <param name="position">Where it is in the track's ring, if the answer is <see cref="TrackInput.Stored"/>.</param>
    public TrackInput Receive(Span<byte> packet, in RtpHeader header, long nowMs, out TrackReceiver track, out long position)
    {
        position = -1;
        if (!_bySsrc.TryGetValue(header.Ssrc, out var entry) && !TryLearn(packet, header, out entry))
        {
            track = null!;
            return TrackInput.NoTrack;
        }

        track = entry.Track;
        return entry.IsRtx ? track.ReceiveRetransmission(packet, header, nowMs, out position) : track.Receive(packet, header, nowMs, out position);
    }

    private bool TryLearn(ReadOnlySpan<byte> packet, in RtpHeader header, out Entry entry)
    {
        entry = default;
        if (_bySsrc.Count >= MaxSsrcs) return false;
        foreach (var (track, mid) in _tracks)
        {
            var isRtx = track.Settings.Payloads.OriginalOf(header.PayloadType) != PayloadTypeMap.None;
            if (!isRtx && track.Settings.Payloads.CodecOf(header.PayloadType) is null) continue;
            // What was signalled, or learned before, is not overridden by whoever names the same mid.
            if ((isRtx ? track.RtxSsrc : track.Ssrc) is not null) continue;
            var said = PacketExtensions.Read(packet, header, track.Settings.Extensions).Mid(packet);
            if (!said.IsEmpty && mid.Length > 0 && !said.SequenceEqual(mid)) continue;
            if (isRtx) track.RtxSsrc = header.Ssrc;
            else track.Ssrc = header.Ssrc;
            _bySsrc[header.Ssrc] = entry = new(track, isRtx);
            return true;
        }

        return false;
    }

    private readonly record struct Entry(TrackReceiver Track, bool IsRtx);
}
