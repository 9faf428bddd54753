namespace Parley.Media.Relay.Mixing;

/// <summary>What a worker's conferences see of the mixer: frames come back to the worker's thread.</summary>
/// <param name="mixer">The mixer.</param>
/// <param name="post">Runs work on the worker.</param>
internal sealed class WorkerMixer(AudioMixer mixer, Func<Action, bool> post) : IAudioMixer
{
    /// <inheritdoc/>
    public ConferenceMix Open(MixDelivery deliver) => mixer.Open(deliver, post);
}
