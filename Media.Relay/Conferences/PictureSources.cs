using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>The tracks whose pictures are decoded for something that is made of them. On the worker's thread.</summary>
/// <param name="ntp">The worker's clock.</param>
internal sealed class PictureSources(NtpClock ntp)
{
    private readonly Dictionary<RelayTrack, TrackPictures> _all = [];

    /// <summary>The tracks, as they are read.</summary>
    public IReadOnlyCollection<TrackPictures> All => _all.Values;

    /// <summary>A track's, if it is among them.</summary>
    public TrackPictures? Of(RelayTrack track) => _all.GetValueOrDefault(track);

    /// <summary>A track's number where pictures are made; it is among them from now on.</summary>
    public int IdOf(RelayTrack track, ConferencePictures pictures, long nowMs)
    {
        if (!_all.TryGetValue(track, out var source))
        {
            _all.Add(track, source = new(track, pictures, ntp, nowMs));
            track.Pictures.Add(source);
        }

        return source.Id;
    }

    /// <summary>Only these are decoded from now on, of those that are.</summary>
    public void Keep(IReadOnlySet<RelayTrack> wanted, ConferencePictures? pictures, long nowMs)
    {
        foreach (var (track, source) in _all.Where(s => !wanted.Contains(s.Key)).ToList())
        {
            _all.Remove(track);
            track.Pictures.Remove(source);
            pictures?.RemoveSource(source.Id, nowMs);
        }
    }

    /// <summary>Does what is due; every 20 ms.</summary>
    public void Tick(long nowMs)
    {
        foreach (var source in _all.Values) source.Tick(nowMs);
    }

    /// <summary>What they went to is gone.</summary>
    public void Clear()
    {
        foreach (var (track, source) in _all) track.Pictures.Remove(source);
        _all.Clear();
    }
}
