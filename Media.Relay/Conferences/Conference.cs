using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>A conference on its home worker. All of it runs on that worker's thread.</summary>
internal sealed class Conference(string id, TransportServices services, IRelayEvents events)
{
    /// <summary>
    /// How long a conference stands in which no transport lives and of which nobody says anything. A focus that is there has ended it long before; the memory of one whose
    /// focus is gone comes back.
    /// </summary>
    public const long AbandonedMs = 60_000;

    private readonly Dictionary<string, ConferenceEndpoint> _endpoints = [];
    private readonly ConferenceAudio _audio = new(services);
    private readonly ConferenceTaps _taps = new(services, id);
    private readonly ConferenceVideo _video = new(services);
    private readonly RecordedPictures _recorded = new(services);
    private int _speaker = -1;
    private bool _isViewStale, _wasSpeaking;
    private long _aliveMs = long.MinValue;

    public string Id { get; } = id;

    /// <summary>Who speaks.</summary>
    public SpeakerDetector Speakers { get; } = new();

    public IReadOnlyDictionary<string, ConferenceEndpoint> Endpoints => _endpoints;

    /// <summary>Makes it what a request says, which was validated.</summary>
    public void Apply(ModifyConference request, long nowMs)
    {
        _aliveMs = nowMs;
        foreach (var expired in request.ExpireEndpoints)
        {
            if (_endpoints.Remove(expired, out var endpoint)) endpoint.End(nowMs);
        }

        foreach (var spec in request.Endpoints)
        {
            if (!_endpoints.TryGetValue(spec.Id, out var endpoint)) _endpoints.Add(spec.Id, endpoint = new(spec.Id, this, services));
            endpoint.Apply(spec, nowMs);
        }

        var recording = _taps.Recording;
        _taps.Update(request.Recording, _endpoints);
        AimForwarders(nowMs);
        PublishSpeaker(isSaidAnew: _taps.Recording is { } begun && begun != recording);
    }

    /// <summary>Ends everything in it.</summary>
    public void End(long nowMs)
    {
        foreach (var endpoint in _endpoints.Values) endpoint.End(nowMs);
        _endpoints.Clear();
        _audio.Close();
        _taps.Close();
        _video.End();
        _recorded.End(nowMs);
    }

    /// <summary>Ends everything in it by no fault of its own, and says so: whoever asked for it must ask again.</summary>
    public void Fail(long nowMs)
    {
        foreach (var endpoint in _endpoints.Values)
        {
            foreach (var transport in endpoint.Transports.Values.Where(t => t.Phase != TransportPhase.Ended).ToList())
                Publish(epoch => new TransportEnded(epoch, Id, endpoint.Id, transport.Id, TransportEnd.WorkerFailed));
        }

        End(nowMs);
    }

    /// <summary>Whether nobody is there, and nobody has asked for anything, for so long that nobody will.</summary>
    public bool IsAbandoned(long nowMs) => nowMs - _aliveMs >= AbandonedMs;

    /// <summary>Does what is due; every 20 ms.</summary>
    public void Tick(long nowMs)
    {
        foreach (var endpoint in _endpoints.Values)
        {
            endpoint.Tick(nowMs);
            if (endpoint.IsAlive) _aliveMs = nowMs;
        }

        if (_audio.IsBroken(nowMs)) AimForwarders(nowMs);
        _audio.Tick(nowMs);
        _audio.Announce();
        if (Speakers.Tick(nowMs)) PublishSpeaker();
        if (_isViewStale) AimViews(nowMs);
        _isViewStale |= _video.Tick(_endpoints.Values, Speakers, nowMs);
        _recorded.Tick(_endpoints.Values, Speakers, nowMs);
    }

    /// <summary>Somebody's packets come, or come no more.</summary>
    public void OnFlowChanged() => _isViewStale = true;

    /// <summary>A track was made anew under its id: whoever it fed is fed again, and it is recorded on.</summary>
    public void OnTrackRenewed(long nowMs)
    {
        _taps.Update(_taps.Recording?.Spec, _endpoints);
        AimForwarders(nowMs);
    }

    /// <summary>Tells whoever watches.</summary>
    public void Publish(Func<string, RelayEvent> make) => events.Publish(make);

    /// <summary>
    /// Every slot gets the track that it names. All are looked at, not only those of this request: a track that was made anew under its id feeds again who named it.
    /// </summary>
    private void AimForwarders(long nowMs)
    {
        _audio.Update(_endpoints.Values, _taps.Recording, nowMs);
        _video.Update(_endpoints.Values);
        _recorded.Record(_taps.Recording, nowMs);
        var tracks = _endpoints.Values.SelectMany(e => e.Tracks.Values).ToDictionary(t => t.Spec.Id);
        foreach (var forwarder in _endpoints.Values.SelectMany(e => e.Forwarders.Values))
        {
            if (forwarder.Spec.Feed == ForwarderFeed.Mix) forwarder.Aim(_audio.SourceOf(forwarder), nowMs);
            else if (forwarder.Spec.Feed == ForwarderFeed.Composed && _video.CanCompose(nowMs)) forwarder.Aim(_video.SourceOf(forwarder, nowMs), nowMs);
            else if (forwarder.Spec.Feed == ForwarderFeed.Track) forwarder.Aim(SourceOf(forwarder, forwarder.Spec.SourceTrackId is { } id ? tracks.GetValueOrDefault(id) : null, nowMs), nowMs);
        }

        AimViews(nowMs);
    }

    // A track that the receiver cannot decode is made into one that it can, where that is possible.
    private TrackReceiver? SourceOf(RelayForwarder forwarder, RelayTrack? track, long nowMs) =>
        track?.Spec.Kind == MediaKind.Audio ? _audio.SourceOf(forwarder, track) : _video.SourceOf(track, forwarder, nowMs);

    private void AimViews(long nowMs)
    {
        _isViewStale = false;
        foreach (var endpoint in _endpoints.Values)
        {
            foreach (var forwarder in endpoint.Forwarders.Values)
            {
                if (forwarder.Spec.Feed != ForwarderFeed.Speaker && (forwarder.Spec.Feed != ForwarderFeed.Composed || _video.CanCompose(nowMs))) continue;
                forwarder.Shown = SpeakerView.Choose(forwarder, endpoint, _endpoints.Values, Speakers, _video);
                forwarder.Aim(_video.SourceOf(forwarder.Shown, forwarder, nowMs), nowMs);
            }
        }
    }

    // A recording that begins knows nothing of who speaks already.
    private void PublishSpeaker(bool isSaidAnew = false)
    {
        if (Speakers.Dominant == _speaker && Speakers.IsSpeaking == _wasSpeaking && !(isSaidAnew && Speakers.Dominant >= 0)) return;
        _isViewStale |= Speakers.Dominant != _speaker;
        var isSpeaking = Speakers.IsSpeaking;
        (_speaker, _wasSpeaking) = (Speakers.Dominant, isSpeaking);
        var names = _endpoints.Values.ToDictionary(e => e.Voice, e => e.Id);
        string[] recent = [.. Speakers.Recent.Where(names.ContainsKey).Select(v => names[v])];
        var speaker = _speaker >= 0 ? names.GetValueOrDefault(_speaker) : null;
        Publish(epoch => new SpeakerChanged(epoch, Id, speaker, recent, isSpeaking));
    }
}

/// <summary>Takes what happens, for whoever watches.</summary>
internal interface IRelayEvents
{
    /// <summary>Passes an event on. From any thread; never blocks.</summary>
    void Publish(Func<string, RelayEvent> make);
}
