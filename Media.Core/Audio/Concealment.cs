namespace Parley.Media.Core.Audio;

/// <summary>Fills gaps where nothing can be restored: the latest period of the voice again and again, ever quieter.</summary>
internal sealed class Concealment
{
    private const int Kept = 2 * TimeStretch.MaxPeriod;
    private const int FullSamples = AudioFormat.FrameSamples, FadeSamples = 3 * AudioFormat.FrameSamples;

    private readonly float[] _history = new float[Kept], _period = new float[TimeStretch.MaxPeriod];
    private int _length, _at, _made;

    /// <summary>Notes what was heard.</summary>
    public void Heard(Span<float> samples)
    {
        // From what was made up into what came: faded, as the two do not fit.
        if (_made > 0 && _length > 0)
        {
            var fade = Math.Min(samples.Length, 240);
            for (var i = 0; i < fade; i++) samples[i] = Next() * (1 - (i + 1f) / fade) + samples[i] * ((i + 1f) / fade);
        }

        _made = 0;
        if (samples.Length >= Kept) samples[^Kept..].CopyTo(_history);
        else
        {
            _history.AsSpan(samples.Length).CopyTo(_history);
            samples.CopyTo(_history.AsSpan(Kept - samples.Length));
        }
    }

    /// <summary>Makes something up.</summary>
    public void Fill(Span<float> to)
    {
        if (_made == 0)
        {
            _length = TimeStretch.FindPeriod(_history);
            _history.AsSpan(Kept - _length).CopyTo(_period);
            _at = 0;
        }

        for (var i = 0; i < to.Length; i++) to[i] = Next();
    }

    private float Next()
    {
        var gain = _made < FullSamples ? 1 : Math.Max(0, 1 - (_made - FullSamples) / (float)FadeSamples);
        _made++;
        var sample = _period[_at] * gain;
        _at = (_at + 1) % _length;
        return sample;
    }
}
