using Parley.Media.Core.Audio;
using Parley.Media.Relay.Mixing;

namespace Parley.bench.Audio;

/// <summary>What somebody says for some seconds, again and again, in Opus as browsers send it: syllables of a voice between pauses, or the quiet noise of a room.</summary>
internal sealed class Speech
{
    /// <summary>How many frames until it begins anew.</summary>
    public const int Frames = 500;

    private readonly byte[][] _payloads = new byte[Frames][];

    /// <summary>Makes it.</summary>
    /// <param name="seed">Whose voice.</param>
    /// <param name="isTalking">Whether there is one.</param>
    public Speech(int seed, bool isTalking)
    {
        var random = new Random(seed);
        using var encoder = new OpusAudioEncoder();
        var voice = new Voice(random);
        var (frame, payload) = (new float[AudioFormat.FrameSamples], new byte[AudioFormat.MaxPayload]);
        for (var i = 0; i < Frames; i++)
        {
            for (var n = 0; n < frame.Length; n++) frame[n] = (float)((random.NextDouble() - 0.5) * 0.001);
            if (isTalking) voice.AddTo(frame);
            _payloads[i] = payload[..encoder.Encode(frame, payload)];
        }
    }

    /// <summary>The payload of a frame.</summary>
    public ReadOnlySpan<byte> this[long frame] => _payloads[frame % Frames];

    /// <summary>Pulses at a pitch that wanders, through three resonances that change with each syllable.</summary>
    private sealed class Voice(Random random)
    {
        private readonly double _pitch = 90 + random.NextDouble() * 130;
        private readonly double[] _one = new double[3], _two = new double[3];
        private double _phase, _left, _length = 1;
        private bool _isPause = true;
        private double[] _formants = [500, 1500, 2500];

        public void AddTo(float[] frame)
        {
            for (var i = 0; i < frame.Length; i++)
            {
                if (_left-- <= 0) Next();
                if (_isPause) continue;
                var through = 1 - _left / _length;
                _phase += _pitch * (1.1 - 0.2 * through) / AudioFormat.SampleRate;
                var pulse = _phase >= 1 ? 1 : 0.02 * (random.NextDouble() - 0.5);
                _phase -= Math.Floor(_phase);
                frame[i] += (float)(Resonate(pulse) * 1.2 * Math.Sin(Math.PI * through));
            }
        }

        // Syllables of 120 to 320 ms, and now and then a breath.
        private void Next()
        {
            _isPause = !_isPause && random.Next(4) == 0;
            _left = _length = AudioFormat.SampleRate * (_isPause ? 0.15 + random.NextDouble() * 0.5 : 0.12 + random.NextDouble() * 0.2);
            _formants = [300 + random.NextDouble() * 500, 900 + random.NextDouble() * 1400, 2300 + random.NextDouble() * 1000];
        }

        private double Resonate(double pulse)
        {
            var sum = 0.0;
            for (var i = 0; i < 3; i++)
            {
                const double Radius = 0.99;
                var y = pulse * 0.1 + 2 * Radius * Math.Cos(2 * Math.PI * _formants[i] / AudioFormat.SampleRate) * _one[i] - Radius * Radius * _two[i];
                (_two[i], _one[i]) = (_one[i], y);
                sum += y / (i + 1);
            }

            return sum * 0.3;
        }
    }
}
