using Parley.Media.Relay.Mixing;
using Parley.Media.Relay.Recording;

namespace Parley.Media.Relay.Conferences;

/// <summary>What a recording has to do with the mix: it may listen to it, and whoever hears the mix is told once. On the worker's thread.</summary>
internal sealed class RecordedMix
{
    private readonly HashSet<RelayForwarder> _prompted = [];
    private int? _listener;

    /// <summary>The recording; null for none.</summary>
    public ConferenceRecording? Recording { get; private set; }

    /// <summary>Whether it is to have the mix.</summary>
    public bool WantsMix => Recording is { Spec.Mix: true };

    /// <summary>There is this recording from now on.</summary>
    public void Become(ConferenceRecording? recording, ConferenceMix? mix)
    {
        if (recording == Recording) return;
        if (_listener is { } id) mix?.RemoveListener(id);
        Deafen();
        _prompted.Clear();
        Recording = recording;
    }

    /// <summary>There is a mix: it is listened to, if that is wanted. Nobody's voice is left out.</summary>
    public void Listen(ConferenceMix mix)
    {
        if (WantsMix) _listener ??= mix.AddListener("", MixCodec.Opus);
    }

    /// <summary>The mix is gone, or another one.</summary>
    public void Deafen() => _listener = null;

    /// <summary>Takes a frame, if it is the recording's.</summary>
    /// <param name="listener">Whose it is.</param>
    /// <param name="payload">The frame.</param>
    /// <param name="timeMs">When it was made.</param>
    public bool TryTake(int listener, ReadOnlySpan<byte> payload, long timeMs)
    {
        if (listener != _listener) return false;
        Recording!.PutMix(payload, timeMs - HeardTimes.UsualAgeMs);
        return true;
    }

    /// <summary>Whether somebody is still to be told; then it counts as told.</summary>
    public bool MayPrompt(RelayForwarder forwarder) => _prompted.Add(forwarder);
}
