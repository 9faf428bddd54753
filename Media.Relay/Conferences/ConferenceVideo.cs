using System.Diagnostics.CodeAnalysis;
using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Video;
using Parley.Media.Relay.Pictures;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>
/// The part of a conference whose pictures are made here: composed, in the sizes that somebody receives, and transcoded, for whoever lacks a track's codec. Only what is watched is
/// decoded and encoded. On the worker's thread.
/// </summary>
internal sealed class ConferenceVideo(TransportServices services)
{
    private const long PeopleMs = 100, RetryMs = 5_000, StillMs = 1_000;

    private static readonly long[] Bitrates = [.. Renditions.All.Select(r => (long)r.Bitrate)];

    private readonly Dictionary<(int Rendition, VideoCoding Coding), MadeVideo> _grids = [];
    private readonly Dictionary<(RelayTrack Track, VideoCoding Coding), MadeVideo> _transcoded = [];
    private readonly Dictionary<int, MadeVideo> _byId = [];
    private readonly PictureSources _sources = new(services.Ntp);
    private readonly Dictionary<RelayForwarder, GridViewer> _viewers = [];
    private readonly Dictionary<RelayForwarder, RelayTrack> _lacking = [];
    private readonly PeopleList _people = new();
    private ConferencePictures? _pictures;
    private long _nextPeopleMs = long.MinValue, _retryMs = long.MinValue;
    private bool _couldCompose = true;

    /// <summary>Whether anything is to be done.</summary>
    public bool IsIdle => _pictures is null && _viewers.Count == 0 && _lacking.Count == 0;

    /// <summary>Whether pictures can be made at this moment; where not, composed slots show whoever speaks.</summary>
    public bool CanCompose(long nowMs) => services.Pictures is not null && nowMs >= _retryMs;

    /// <summary>What is there to work with has changed: forgets who is gone.</summary>
    public void Update(IReadOnlyCollection<ConferenceEndpoint> endpoints)
    {
        if (services.Pictures is null) return;
        HashSet<RelayForwarder> forwarders = [.. endpoints.SelectMany(e => e.Forwarders.Values)];
        HashSet<RelayTrack> tracks = [.. endpoints.SelectMany(e => e.Tracks.Values)];
        foreach (var gone in _viewers.Keys.Where(f => !forwarders.Contains(f) || f.Spec.Feed != ForwarderFeed.Composed).ToList()) _viewers.Remove(gone);
        foreach (var gone in _lacking.Where(l => !forwarders.Contains(l.Key) || !tracks.Contains(l.Value)).ToList()) _lacking.Remove(gone.Key);
        foreach (var forwarder in forwarders.Where(f => f.Spec.Feed == ForwarderFeed.Composed && !_viewers.ContainsKey(f) && CodingFor(f) is { } c && Renditions.LargestOf(c) is not null)) _viewers.Add(forwarder, new(Bitrates));
        foreach (var gone in _transcoded.Where(t => !tracks.Contains(t.Key.Track)).ToList())
        {
            _transcoded.Remove(gone.Key);
            End(gone.Value);
        }

        _sources.Keep(tracks, _pictures, nowMs: 0);
    }

    /// <summary>The track that feeds a composed slot; null while there is nothing to send it, or on.</summary>
    public TrackReceiver? SourceOf(RelayForwarder forwarder, long nowMs)
    {
        // What was transcoded for it, while it saw whoever speaks, is seen no more.
        _lacking.Remove(forwarder);
        if (!CanCompose(nowMs) || !_viewers.TryGetValue(forwarder, out var viewer) || forwarder.Transport.Phase != TransportPhase.Connected) return null;
        var coding = CodingFor(forwarder)!.Value;
        // However good the line is, H.264's level bounds what may be sent.
        var key = (Math.Max(viewer.ChoiceAt(forwarder, nowMs), Renditions.LargestOf(coding)!.Value), coding);
        if (_grids.TryGetValue(key, out var made)) return made.Receiver;
        if (!TryOpen(nowMs)) return null;
        _grids.Add(key, made = Make(_pictures.AddGrid(Renditions.All[key.Item1], coding), coding));
        return made.Receiver;
    }

    /// <summary>What of a track a slot receives: the track itself where it takes the codec, else what is made of it.</summary>
    public TrackReceiver? SourceOf(RelayTrack? track, RelayForwarder forwarder, long nowMs)
    {
        if (track is null)
        {
            _lacking.Remove(forwarder);
            return null;
        }

        if (track.Spec.Kind != MediaKind.Video || forwarder.Codecs.Takes(track.Codecs) || !CanTranscode(forwarder, track, out var coding))
        {
            _lacking.Remove(forwarder);
            return track.Receiver;
        }

        _lacking[forwarder] = track;
        if (!CanCompose(nowMs) || forwarder.Transport.Phase != TransportPhase.Connected) return null;
        if (_transcoded.TryGetValue((track, coding), out var made)) return made.Receiver;
        if (!TryOpen(nowMs)) return null;
        _transcoded.Add((track, coding), made = Make(_pictures.AddTranscoding(_sources.IdOf(track, _pictures, nowMs), coding), coding));
        return made.Receiver;
    }

    /// <summary>Whether a slot can be fed with a track, as it is or made into another codec.</summary>
    public bool CanFeed(RelayForwarder forwarder, RelayTrack track) =>
        forwarder.Codecs.Takes(track.Codecs) || CanTranscode(forwarder, track, out _);

    /// <summary>Does what is due; every 20 ms.</summary>
    /// <returns>Whether pictures can be composed now and could not before, or the other way round: slots are to be aimed anew.</returns>
    public bool Tick(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers, long nowMs)
    {
        if (IsIdle) return false;
        if (_pictures is { HasFailed: true })
        {
            Close();
            _retryMs = nowMs + RetryMs;
        }

        Make(endpoints, speakers, nowMs);
        var could = _couldCompose;
        return could != (_couldCompose = CanCompose(nowMs));
    }

    private void Make(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers, long nowMs)
    {
        if (CanCompose(nowMs)) foreach (var viewer in _viewers.Keys) viewer.Aim(SourceOf(viewer, nowMs), nowMs);
        foreach (var (forwarder, track) in _lacking.ToList()) forwarder.Aim(SourceOf(track, forwarder, nowMs), nowMs);
        Prune(_grids);
        Prune(_transcoded);
        if (_grids.Count == 0 && _transcoded.Count == 0)
        {
            Close();
            return;
        }

        if (nowMs >= _nextPeopleMs)
        {
            _nextPeopleMs = nowMs + PeopleMs;
            LookAround(endpoints, speakers, nowMs);
        }

        _sources.Tick(nowMs);
        foreach (var made in _byId.Values)
        {
            if (made.Receiver.TakeKeyframeRequest(nowMs)) _pictures!.RequestKeyframe(made.Id);
        }
    }

    /// <summary>Ends what is made.</summary>
    public void Close()
    {
        _sources.Clear();
        _grids.Clear();
        _transcoded.Clear();
        _byId.Clear();
        _pictures?.Close();
        _pictures = null;
        _people.Clear();
        _nextPeopleMs = long.MinValue;
    }

    /// <summary>Ends everything.</summary>
    public void End()
    {
        Close();
        _viewers.Clear();
        _lacking.Clear();
    }

    private VideoCoding? CodingFor(RelayForwarder forwarder) => services.Pictures is { } mixer ? forwarder.Codecs.MadeBy(mixer) : null;

    private bool CanTranscode(RelayForwarder forwarder, RelayTrack track, out VideoCoding coding)
    {
        var made = CodingFor(forwarder);
        coding = made.GetValueOrDefault();
        return made is not null && track.Codecs.AreDecoded(services.Pictures!);
    }

    // Where there are too many, or they failed, it is tried again later.
    [MemberNotNullWhen(true, nameof(_pictures))]
    private bool TryOpen(long nowMs)
    {
        _pictures ??= services.Pictures!.Open(Deliver);
        if (_pictures is null) _retryMs = nowMs + RetryMs;
        return _pictures is not null;
    }

    private MadeVideo Make(int output, VideoCoding coding)
    {
        var made = new MadeVideo(output, coding, services.Ntp);
        _byId.Add(made.Id, made);
        return made;
    }

    private void Deliver(int output, ReadOnlySpan<byte> frame, bool isKeyframe, long momentMs, long nowMs)
    {
        if (!_byId.TryGetValue(output, out var made)) return;
        made.Deliver(frame, isKeyframe, CapturedMs(made, nowMs), nowMs);
    }

    // Of a picture in another codec its own frame, of the composed one the mean of those that are on it.
    private long? CapturedMs(MadeVideo made, long nowMs)
    {
        foreach (var ((track, _), transcoded) in _transcoded)
        {
            if (transcoded == made) return _sources.Of(track)?.CapturedMs;
        }

        var (sum, count) = (0L, 0);
        foreach (var source in _sources.All)
        {
            if (source.CapturedMs is { } at && nowMs - at < StillMs) (sum, count) = (sum + at, count + 1);
        }

        return count == 0 ? null : sum / count;
    }

    // Who is seen, and so whose pictures are decoded: everybody on the grid, and those that are transcoded.
    private void LookAround(IReadOnlyCollection<ConferenceEndpoint> endpoints, SpeakerDetector speakers, long nowMs)
    {
        HashSet<RelayTrack> wanted = [.. _transcoded.Keys.Select(k => k.Track)];
        if (_grids.Count > 0)
        {
            var seen = PeopleList.Choose(endpoints, speakers);
            wanted.UnionWith(seen.Select(p => p.Track).OfType<RelayTrack>());
            if (_people.Update(seen, speakers, t => _sources.IdOf(t, _pictures!, nowMs))) _pictures!.Show(_people.Current);
        }

        _sources.Keep(wanted, _pictures, nowMs);
    }

    private void Prune<TKey>(Dictionary<TKey, MadeVideo> made) where TKey : notnull
    {
        foreach (var (key, one) in made)
        {
            if (one.IsWatched) continue;
            made.Remove(key);
            End(one);
        }
    }

    private void End(MadeVideo made)
    {
        _byId.Remove(made.Id);
        _pictures?.RemoveOutput(made.Id);
    }
}
