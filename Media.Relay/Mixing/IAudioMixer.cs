namespace Parley.Media.Relay.Mixing;

/// <summary>Mixes the audio of conferences.</summary>
internal interface IAudioMixer
{
    /// <summary>Begins a conference's mix.</summary>
    /// <param name="deliver">Takes a frame of a listener; called on the worker's thread.</param>
    ConferenceMix Open(MixDelivery deliver);
}

/// <summary>Takes a listener's next frame, on the worker's thread.</summary>
/// <param name="listener">Whose.</param>
/// <param name="payload">Encoded.</param>
/// <param name="frame">Its number: the mix counts its frames, those too that a listener did not get.</param>
/// <param name="madeMs">When it was due: even, but where the mixer skipped what it was too late for.</param>
/// <param name="capturedMs">When what is in it was captured; null where that is not known.</param>
/// <param name="nowMs">Now.</param>
internal delegate void MixDelivery(int listener, ReadOnlySpan<byte> payload, long frame, long madeMs, long? capturedMs, long nowMs);
