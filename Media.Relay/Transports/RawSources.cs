using Parley.Media.Core.Rtp;
using Parley.Media.Relay.Conferences;

namespace Parley.Media.Relay.Transports;

/// <summary>Who sends each track of a transport without ICE. Nothing tells but the packets themselves: their payload type, their SSRC, their port.</summary>
internal sealed class RawSources
{
    private readonly List<RawSource> _sources = [];

    /// <summary>The source of a packet's track, by its payload type; null if no track has that.</summary>
    public RawSource? Find(IReadOnlyList<RelayTrack> tracks, in RtpHeader header)
    {
        for (var i = 0; i < tracks.Count; i++)
        {
            if (tracks[i].Receiver.Settings.Payloads.CodecOf(header.PayloadType) is null) continue;
            return Of(tracks, tracks[i]);
        }

        return null;
    }

    private RawSource Of(IReadOnlyList<RelayTrack> tracks, RelayTrack track)
    {
        foreach (var source in _sources)
        {
            if (source.Track == track) return source;
        }

        _sources.RemoveAll(s => !tracks.Contains(s.Track));
        var added = new RawSource(track);
        _sources.Add(added);
        return added;
    }
}

/// <summary>The sender of one track.</summary>
internal sealed class RawSource(RelayTrack track)
{
    /// <summary>How long the one that is heard must be silent before another is: two at once would make a track of scraps, and each change costs a keyframe.</summary>
    public const long QuietMs = 500;

    // A tool that begins again under the same SSRC is told by a jump that no loss explains (RFC 3550 appendix A.1: MAX_DROPOUT).
    private const int MaxDropout = 3_000;

    private uint _ssrc;
    private ushort _port, _sequence;
    private long? _heardMs;

    public RelayTrack Track { get; } = track;

    /// <summary>Whether a packet is of the sender that is heard, or of one that takes over now.</summary>
    /// <param name="header">The packet's header.</param>
    /// <param name="port">Where it came from.</param>
    /// <param name="nowMs">The time.</param>
    /// <param name="isNew">Set where the packet's numbers do not go on from those before: the track must begin anew.</param>
    public bool Accepts(in RtpHeader header, ushort port, long nowMs, ref bool isNew)
    {
        isNew = false;
        var ahead = (short)(header.Sequence - _sequence);
        if (_heardMs is not { } heard)
        {
            _sequence = header.Sequence;
        }
        else
        {
            var isQuiet = nowMs - heard >= QuietMs;
            if ((header.Ssrc != _ssrc || port != _port) && !isQuiet) return false;
            isNew = header.Ssrc != _ssrc || (isQuiet && ahead is < 0 or > MaxDropout);
            if (isNew || ahead > 0) _sequence = header.Sequence;
        }

        (_ssrc, _port, _heardMs) = (header.Ssrc, port, nowMs);
        return true;
    }
}
