namespace Parley.Media.Core.Audio;

/// <summary>
/// How far behind its voices a mix is: they came over networks and were held back, each as long as it needs. Those who listen are told when what they hear was captured, so that pictures
/// and sound stay together; as the mix is one stream it has one delay, which follows whoever is heard without jumps.
/// </summary>
public sealed class MixDelay
{
    private const double Share = 0.04; // half of it after 17 frames
    private const double JumpMs = 200; // the mixer stood still, or somebody came over quite another network

    private double _time, _delay = double.NaN;

    /// <summary>When what is in the latest frame was captured; null while nobody was heard.</summary>
    public double? Captured => double.IsNaN(_delay) ? null : _time - _delay;

    /// <summary>The next frame is made.</summary>
    /// <param name="captured">When the voice that counts was captured, in milliseconds; null where nobody is heard.</param>
    public void Next(double? captured)
    {
        _time += AudioFormat.FrameMs;
        if (captured is not { } at || double.IsNaN(at)) return;
        var delay = _time - at;
        _delay = double.IsNaN(_delay) || Math.Abs(delay - _delay) > JumpMs ? delay : _delay + ((delay - _delay) * Share);
    }
}
