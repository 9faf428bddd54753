using Parley.Media.Control;
using Parley.Media.Core.Forwarding;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>The part of a conference that is mixed: there is a mix while a slot asks for one, and every audio track goes into it. On the worker's thread.</summary>
internal sealed class ConferenceAudio(TransportServices services)
{
    private readonly Dictionary<RelayForwarder, (int Id, MixedTrack Track)> _listeners = [];
    private readonly Dictionary<int, MixedTrack> _byId = [];
    private readonly List<RelayTrack> _voices = [];
    private ConferenceMix? _mix;

    /// <summary>Makes the mix what the endpoints ask for.</summary>
    public void Update(IEnumerable<ConferenceEndpoint> endpoints)
    {
        if (services.Mixer is null) return;
        List<ConferenceEndpoint> all = [.. endpoints];
        HashSet<RelayForwarder> wanted = [.. all.SelectMany(e => e.Forwarders.Values).Where(f => f.Spec.Feed == ForwarderFeed.Mix)];
        if (wanted.Count == 0)
        {
            Close();
            return;
        }

        _mix ??= services.Mixer.Open(Deliver);
        foreach (var gone in _listeners.Keys.Where(f => !wanted.Contains(f)).ToList()) Remove(gone);
        foreach (var endpoint in all)
        {
            foreach (var forwarder in endpoint.Forwarders.Values.Where(f => wanted.Contains(f) && !_listeners.ContainsKey(f))) Add(forwarder, endpoint.Id);
        }

        HashSet<RelayTrack> tracks = [.. all.SelectMany(e => e.Tracks.Values).Where(t => t.Spec.Kind == MediaKind.Audio)];
        foreach (var gone in _voices.Where(t => !tracks.Contains(t)).ToList()) Remove(gone);
        foreach (var track in tracks.Where(t => t.Voice is null))
        {
            track.Voice = _mix.AddVoice(track.Endpoint.Id);
            _voices.Add(track);
        }
    }

    /// <summary>The track that feeds a slot with the mix; null if it is not mixed.</summary>
    public TrackReceiver? SourceOf(RelayForwarder forwarder) => _listeners.TryGetValue(forwarder, out var one) ? one.Track.Receiver : null;

    /// <summary>Ends the mix.</summary>
    public void Close()
    {
        foreach (var voice in _voices) voice.Voice = null;
        _voices.Clear();
        _listeners.Clear();
        _byId.Clear();
        _mix?.Close();
        _mix = null;
    }

    private void Add(RelayForwarder forwarder, string owner)
    {
        var track = new MixedTrack(forwarder, services.Ntp);
        var id = _mix!.AddListener(owner);
        _listeners.Add(forwarder, (id, track));
        _byId.Add(id, track);
    }

    private void Remove(RelayForwarder forwarder)
    {
        _listeners.Remove(forwarder, out var one);
        _byId.Remove(one.Id);
        _mix!.RemoveListener(one.Id);
    }

    private void Remove(RelayTrack track)
    {
        _mix!.RemoveVoice(track.Voice!);
        track.Voice = null;
        _voices.Remove(track);
    }

    private void Deliver(int listener, ReadOnlySpan<byte> payload, long nowMs)
    {
        if (_byId.TryGetValue(listener, out var track)) track.Deliver(payload, nowMs);
    }
}
