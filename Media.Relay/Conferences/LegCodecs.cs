using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Rtp;
using Parley.Media.Core.Video;
using Parley.Media.Core.Video.H264;
using Parley.Media.Relay.Pictures;

namespace Parley.Media.Relay.Conferences;

/// <summary>What the payload types of a track or slot are, worked out once.</summary>
internal sealed class LegCodecs
{
    private readonly (Codec Codec, H264Level? Level, VideoCoding? Coding)[] _all;

    /// <summary>Works it out.</summary>
    public LegCodecs(IReadOnlyList<PayloadType> payloads) => _all = [.. payloads.Select(LegMaps.Payload).Select(p => (Codec.Of(p), LevelOf(p), VideoCoding.Of(p))).Where(c => c.Item1 is not null)!];

    /// <summary>Whether whoever receives these decodes what is sent in others: the same codec, and no higher level of it.</summary>
    public bool Takes(LegCodecs sent)
    {
        foreach (var (codec, level, _) in sent._all)
        {
            foreach (var own in _all)
            {
                if (own.Codec == codec && (own.Level is null || level is null || own.Level.Covers(level))) return true;
            }
        }

        return false;
    }

    /// <summary>Whether pictures in one of these can be decoded here.</summary>
    public bool AreDecoded(IPictureMixer mixer) => _all.Any(c => mixer.Has(c.Codec.Format));

    /// <summary>What can be made here for whoever receives these; null for nothing.</summary>
    public VideoCoding? MadeBy(IPictureMixer mixer)
    {
        foreach (var (codec, _, coding) in _all)
        {
            if (coding is not null && mixer.Has(codec.Format)) return coding;
        }

        return null;
    }

    private static H264Level? LevelOf(LegPayload payload) => Codec.Of(payload)?.Format == PayloadFormat.H264 ? H264Parameters.Of(payload)?.Level : null;
}
