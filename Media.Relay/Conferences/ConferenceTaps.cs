using Parley.Media.Control;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>The part of a conference that is recorded: every track that is to be kept has a tap. On the worker's thread.</summary>
/// <param name="services">The worker's.</param>
/// <param name="conference">The conference's id.</param>
internal sealed class ConferenceTaps(TransportServices services, string conference)
{
    private readonly List<RelayTrack> _tapped = [];
    private readonly HashSet<string> _endpoints = [];
    private ConferenceRecording? _recording;

    /// <summary>The recording of this moment; null for none. One that has ended by itself stays until it is no longer asked for.</summary>
    public ConferenceRecording? Recording => _recording;

    /// <summary>Makes the recording what is asked for.</summary>
    public void Update(RecordingSpec? wanted, IReadOnlyDictionary<string, ConferenceEndpoint> endpoints)
    {
        if (_recording is not null && _recording.Spec.Id != wanted?.Id) Close();
        if (wanted is null || services.Recorder is null) return;
        _recording ??= services.Recorder.Open(wanted, conference);
        // Whoever muted something is not recorded with it, whatever its client sends.
        HashSet<RelayTrack> tracks = [.. endpoints.Values.SelectMany(e => e.Tracks.Values).Where(t => !t.Spec.Muted && wanted.Media.HasFlag(t.Spec.Kind == MediaKind.Video ? RecordedMedia.Video : RecordedMedia.Audio))];
        foreach (var gone in _tapped.Where(t => !tracks.Contains(t)).ToList()) Remove(gone);
        foreach (var track in tracks.Where(t => t.Tap is null))
        {
            track.Tap = _recording.Add(track.Endpoint.Id, track.Receiver);
            _tapped.Add(track);
            _endpoints.Add(track.Endpoint.Id);
        }

        foreach (var gone in _endpoints.Where(e => !endpoints.ContainsKey(e)).ToList())
        {
            _endpoints.Remove(gone);
            _recording.Finish(gone);
        }
    }

    /// <summary>Ends it.</summary>
    public void Close()
    {
        foreach (var track in _tapped) track.Tap = null;
        _tapped.Clear();
        _endpoints.Clear();
        _recording?.Close();
        _recording = null;
    }

    private void Remove(RelayTrack track)
    {
        _recording!.Remove(track.Tap!);
        track.Tap = null;
        _tapped.Remove(track);
    }
}
