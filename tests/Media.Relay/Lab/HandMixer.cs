using Parley.Media.Relay.Mixing;

namespace Parley.tests.Media.Relay.Lab;

/// <summary>A mixer that runs when it is told to.</summary>
internal sealed class HandMixer : IAudioMixer
{
    public List<ConferenceMix> Mixes { get; } = [];

    public ConferenceMix Open(MixDelivery deliver)
    {
        Mixes.Add(new ConferenceMix(deliver, null));
        return Mixes[^1];
    }

    public void Tick(long nowMs)
    {
        foreach (var mix in Mixes.Where(m => !m.IsClosed))
        {
            mix.Tick(nowMs);
            mix.Drain(nowMs);
        }
    }
}
