using Parley.Media.Control;
using Parley.Media.Core.Audio.Prompts;
using Parley.Media.Core.Forwarding;
using Parley.Media.Core.Recording;
using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Recording;
using Parley.Media.Relay.Transports;

namespace Parley.Media.Relay.Conferences;

/// <summary>
/// The part of a conference that the mixer does: there is a mix while a slot asks for one, while somebody speaks in a codec of which only the mixer can tell how loud it is, or while a
/// slot is fed by a track that its receiver cannot decode and that is translated. On the worker's thread.
/// </summary>
internal sealed class ConferenceAudio(TransportServices services)
{
    private const long RetryMs = 1_000, LongestRetryMs = 60_000;

    private readonly Dictionary<RelayForwarder, (int Id, MixedTrack Track, MixLoss Loss)> _listeners = [];
    private readonly Dictionary<(RelayTrack Track, string Format), (int Id, MixedTrack Track)> _translations = [];
    private readonly Dictionary<int, MixedTrack> _byId = [];
    private readonly List<RelayTrack> _voices = [];
    private readonly RecordedMix _recorded = new();
    private ConferenceMix? _mix;
    private long _retryMs = long.MaxValue, _patienceMs = RetryMs;

    /// <summary>Whether the mix has failed, or is to be tried again after it had: then all of this is to be made anew.</summary>
    public bool IsBroken(long nowMs) => _mix is { HasFailed: true } || nowMs >= _retryMs;

    /// <summary>Does what is due: who loses much is sent what restores it.</summary>
    public void Tick(long nowMs)
    {
        foreach (var (forwarder, (id, _, loss)) in _listeners)
        {
            if (loss.Update(forwarder.Forwarder.FractionLost, nowMs)) _mix!.SetLoss(id, loss.Percent);
        }
    }

    /// <summary>Lets whoever hears the mix, and is there, hear once that it is recorded, and what came of their keys; every 20 ms.</summary>
    public void Announce()
    {
        if (_mix is null) return;
        foreach (var (forwarder, one) in _listeners)
        {
            if (forwarder.Transport.Phase != TransportPhase.Connected) continue;
            if (_recorded.Recording is not null && _recorded.MayPrompt(forwarder)) _mix.Prompt(one.Id, new RecordedPrompt(services.RecordedWords));
            else if (forwarder.Cue is { } cue)
            {
                forwarder.Cue = null;
                _mix.Prompt(one.Id, CueTones.Of(cue.Sound));
            }
        }
    }

    /// <summary>Makes the mix what the endpoints ask for.</summary>
    /// <param name="endpoints">Everybody.</param>
    /// <param name="recording">The recording; null for none.</param>
    /// <param name="nowMs">The time.</param>
    public void Update(IEnumerable<ConferenceEndpoint> endpoints, ConferenceRecording? recording, long nowMs)
    {
        if (services.Mixer is null) return;
        if (_mix is { HasFailed: true })
        {
            services.Counters.CountFault();
            Close();
            _retryMs = nowMs + _patienceMs;
            _patienceMs = Math.Min(LongestRetryMs, 2 * _patienceMs);
        }

        if (_retryMs != long.MaxValue && nowMs < _retryMs) return;
        _retryMs = long.MaxValue;
        _recorded.Become(recording, _mix);
        List<ConferenceEndpoint> all = [.. endpoints];
        var tracks = all.SelectMany(e => e.Tracks.Values).Where(t => t.Spec.Kind == MediaKind.Audio && MixCodec.Of(t.Spec) is not null).ToDictionary(t => t.Spec.Id);
        HashSet<RelayForwarder> listeners = [.. all.SelectMany(e => e.Forwarders.Values).Where(f => f.Spec.Feed == ForwarderFeed.Mix && MixCodec.Of(f.Spec) is not null)];
        HashSet<(RelayTrack, string)> translations = [.. all.SelectMany(e => e.Forwarders.Values).Select(f => TranslationFor(f, tracks)).OfType<(RelayTrack, string)>()];
        // What WebM does not have is recorded as Opus.
        translations.UnionWith(tracks.Values.Where(t => t.Tap is not null && MixCodec.Of(t.Spec)!.Name != MixCodec.Opus.Name).Select(t => (t, MixCodec.Opus.Format)));
        HashSet<RelayTrack> voices = listeners.Count > 0 || _recorded.WantsMix ? [.. tracks.Values] : [.. translations.Select(t => t.Item1), .. tracks.Values.Where(t => MixCodec.Of(t.Spec) != MixCodec.Opus)];
        if (listeners.Count == 0 && voices.Count == 0 && !_recorded.WantsMix)
        {
            Close();
            return;
        }

        // Both channels of a track are of use while somebody listens to both.
        var inStereo = listeners.Any(f => MixCodec.Of(f.Spec) == MixCodec.Stereo);
        _mix ??= services.Mixer.Open(Deliver);
        _recorded.Listen(_mix);
        HashSet<RelayTrack> changed = [.. _voices.Where(t => !voices.Contains(t) || t.Voice!.Codec != MixCodec.Of(t.Spec, inStereo))];
        foreach (var gone in _translations.Keys.Where(t => !translations.Contains(t) || changed.Contains(t.Track)).ToList()) RemoveTranslation(gone);
        foreach (var gone in _listeners.Keys.Where(f => !listeners.Contains(f)).ToList()) RemoveListener(gone);
        foreach (var gone in changed) RemoveVoice(gone);
        foreach (var track in voices.Where(t => t.Voice is null)) AddVoice(track, inStereo);
        foreach (var endpoint in all)
        {
            foreach (var forwarder in endpoint.Forwarders.Values.Where(f => listeners.Contains(f) && !_listeners.ContainsKey(f))) AddListener(forwarder, endpoint.Id);
        }

        foreach (var (track, format) in translations.Where(t => !_translations.ContainsKey(t))) AddTranslation(track, format);
        foreach (var track in voices) track.Tap?.IsTranslated = _translations.ContainsKey((track, MixCodec.Opus.Format));
    }

    /// <summary>What feeds a slot with the mix; null if it is not mixed.</summary>
    public TrackReceiver? SourceOf(RelayForwarder forwarder) => _listeners.TryGetValue(forwarder, out var one) ? one.Track.Receiver : null;

    /// <summary>What feeds a slot with a track: the track itself, or where the receiver does not take its codec a translation, if there is one.</summary>
    public TrackReceiver? SourceOf(RelayForwarder forwarder, RelayTrack track)
    {
        if (IsTaken(track, forwarder) || MixCodec.Of(forwarder.Spec) is not { } codec) return track.Receiver;
        return _translations.TryGetValue((track, codec.Format), out var one) ? one.Track.Receiver : track.Receiver;
    }

    /// <summary>Ends the mix.</summary>
    public void Close()
    {
        foreach (var voice in _voices) voice.Voice = null;
        _voices.Clear();
        _listeners.Clear();
        _translations.Clear();
        _byId.Clear();
        _recorded.Deafen();
        _mix?.Close();
        _mix = null;
    }

    private static (RelayTrack Track, string Format)? TranslationFor(RelayForwarder forwarder, Dictionary<string, RelayTrack> tracks)
    {
        if (forwarder.Spec.Feed != ForwarderFeed.Track || forwarder.Spec.SourceTrackId is not { } id || !tracks.TryGetValue(id, out var track) || IsTaken(track, forwarder)) return null;
        return MixCodec.Of(forwarder.Spec) is { } codec ? (track, codec.Format) : null;
    }

    private static bool IsTaken(RelayTrack track, RelayForwarder forwarder) => MixCodec.Of(track.Spec) is not { } codec || codec.IsAmong(forwarder.Spec.Payloads);

    private void AddListener(RelayForwarder forwarder, string owner)
    {
        var codec = MixCodec.Of(forwarder.Spec)!;
        var (id, track) = (_mix!.AddListener(owner, codec), new MixedTrack(codec, services.Ntp));
        _listeners.Add(forwarder, (id, track, new MixLoss()));
        _byId.Add(id, track);
    }

    private void RemoveListener(RelayForwarder forwarder)
    {
        _listeners.Remove(forwarder, out var one);
        _byId.Remove(one.Id);
        _mix!.RemoveListener(one.Id);
    }

    private void AddTranslation(RelayTrack track, string format)
    {
        var codec = MixCodec.Named(format);
        var (id, translated) = (_mix!.AddTranslation(track.Voice!, codec), new MixedTrack(codec, services.Ntp, track));
        _translations.Add((track, format), (id, translated));
        _byId.Add(id, translated);
    }

    private void RemoveTranslation((RelayTrack, string) key)
    {
        _translations.Remove(key, out var one);
        _byId.Remove(one.Id);
        _mix!.RemoveListener(one.Id);
    }

    private void AddVoice(RelayTrack track, bool inStereo)
    {
        track.Voice = _mix!.AddVoice(track.Endpoint.Id, MixCodec.Of(track.Spec, inStereo)!, track.Heard);
        _voices.Add(track);
    }

    private void RemoveVoice(RelayTrack track)
    {
        _mix!.RemoveVoice(track.Voice!);
        track.Voice = null;
        _voices.Remove(track);
    }

    private void Deliver(int listener, ReadOnlySpan<byte> payload, long frame, long madeMs, long? capturedMs, long nowMs)
    {
        if (_recorded.TryTake(listener, payload, madeMs)) return;
        if (!_byId.TryGetValue(listener, out var track)) return;
        track.Deliver(payload, frame, capturedMs, nowMs);
        // The track itself is not recorded then, whose packets these are made of.
        if (track.Of is { Tap: { } tap, Heard: { } heard } && track.Codec == MixCodec.Opus) tap.PutMade(RecordedCodec.Opus, marker: false, payload, (long)Math.Round(heard.SaidAt(madeMs)));
    }
}
