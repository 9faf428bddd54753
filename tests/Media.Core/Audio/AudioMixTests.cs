using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

public sealed class AudioMixTests : IDisposable
{
    private readonly AudioMix _mix = new(format => new LawEncoder(format == "PCMU"));
    private readonly Sink _sink = new();
    private readonly Dictionary<string, (AudioSource Source, double Hertz, LawEncoder Encoder)> _speakers = [];
    private int _tick;

    public void Dispose()
    {
        _mix.Dispose();
        foreach (var (_, _, encoder) in _speakers.Values) encoder.Dispose();
    }

    [Fact]
    public void Each_hears_exactly_the_others()
    {
        Speak("ann", 400);
        Speak("ben", 900);
        Speak("cem", 1700);
        foreach (var name in new[] { "ann", "ben", "cem", "dan" }) Listen(name);
        Run(100);

        foreach (var listener in _mix.Listeners)
        {
            var heard = _sink.Heard(listener);
            foreach (var (name, (_, hertz, _)) in _speakers)
            {
                if (name == listener.Owner) Assert.InRange(Tones.Find(heard, hertz), 0, 0.003);
                else Assert.InRange(Tones.Find(heard, hertz), 0.05, 0.5);
            }
        }
    }

    [Fact]
    public void All_who_are_silent_share_one_encoding_of_each_format()
    {
        Speak("ann", 400);
        for (var i = 0; i < 50; i++) Listen("quiet " + i, i % 2 == 0 ? "PCMU" : "PCMA");
        Listen("ann");
        Run(100);
        // Ann's own, and one for each of the two formats.
        Assert.InRange(_mix.Encoded, 270, 300);
        Assert.All(_mix.Listeners, l => Assert.InRange(_sink.Frames(l), 99, 100));
    }

    [Fact]
    public void Many_loud_voices_are_not_cut_off()
    {
        for (var i = 0; i < 8; i++) Speak("speaker " + i, 300 + 211 * i, 0.6);
        Listen("quiet");
        Run(150);
        var heard = _sink.Heard(_mix.Listeners[0]);
        Assert.InRange(heard.Max(MathF.Abs), 0.3f, 0.99f);
        // A clipped sum has much that nobody said, here where no tone is.
        Assert.InRange(Tones.Find(heard, 405), 0, 0.01);
        for (var i = 0; i < 8; i++) Assert.InRange(Tones.Find(heard, 300 + 211 * i), 0.02, 0.5);
    }

    [Fact]
    public void The_eight_loudest_are_heard()
    {
        for (var i = 0; i < 12; i++) Speak("speaker " + i, 300 + 211 * i, i < 4 ? 0.01 : 0.2);
        Listen("quiet");
        Run(150);
        var heard = _sink.Heard(_mix.Listeners[0]);
        for (var i = 0; i < 12; i++)
        {
            if (i < 4) Assert.InRange(Tones.Find(heard, 300 + 211 * i), 0, 0.004);
            else Assert.InRange(Tones.Find(heard, 300 + 211 * i), 0.02, 0.5);
        }
    }

    [Fact]
    public void However_many_talk_no_more_than_those_who_are_heard_cost_an_encoding_of_their_own()
    {
        for (var i = 0; i < 30; i++)
        {
            Speak("speaker " + i, 300 + 97 * i);
            Listen("speaker " + i);
        }

        Run(50);
        Assert.InRange(_mix.Encoded, 0, 50 * 9);
        Assert.All(_mix.Listeners, l => Assert.InRange(_sink.Frames(l), 48, 50));
    }

    [Fact]
    public void Voices_come_to_about_the_same_loudness_in_time()
    {
        Speak("soft", 400, 0.03);
        Speak("loud", 900, 0.5);
        Listen("quiet");
        Run(500);
        var heard = _sink.Heard(_mix.Listeners[0]);
        var (soft, loud) = (Tones.Find(heard.AsSpan(^48_000..), 400), Tones.Find(heard.AsSpan(^48_000..), 900));
        Assert.InRange(loud / soft, 0.6, 4); // it was 17
    }

    [Fact]
    public void Who_goes_is_heard_no_more_and_gets_nothing_more()
    {
        Speak("ann", 400);
        Listen("ben");
        Run(50);
        _mix.Remove(_speakers["ann"].Source);
        _speakers.Remove("ann");
        Run(50);
        Assert.InRange(Tones.Find(_sink.Heard(_mix.Listeners[0]).AsSpan(^24_000..), 400), 0, 0.001);
        var ben = _mix.Listeners[0];
        _mix.Remove(ben);
        var before = _sink.Frames(ben);
        Run(10);
        Assert.Equal(before, _sink.Frames(ben));
        Assert.Equal(0, _mix.Voices);
    }

    [Fact]
    public void Nothing_is_allocated_per_frame()
    {
        Speak("ann", 400);
        Listen("ann");
        Listen("ben");
        Run(10);
        var quiet = new QuietSink();
        Assert.Equal(0, Allocations.Least(() => _mix.Tick(quiet)));
    }

    private void Speak(string name, double hertz, double amplitude = 0.2)
    {
        var source = new AudioSource(new LawDecoder(true), 8000);
        _mix.Add(name, source);
        _speakers[name] = (source, hertz, new LawEncoder(true));
        _amplitudes[name] = amplitude;
    }

    private readonly Dictionary<string, double> _amplitudes = [];

    private void Listen(string name, string format = "PCMU") => _mix.Add(new AudioListener(name, format));

    private void Run(int ticks)
    {
        var payload = new byte[AudioFormat.MaxPayload];
        for (var end = _tick + ticks; _tick < end; _tick++)
        {
            foreach (var (name, (source, hertz, encoder)) in _speakers)
            {
                var length = encoder.Encode(Tones.Make(hertz, AudioFormat.FrameSamples, _amplitudes[name], _tick * AudioFormat.FrameSamples), payload);
                source.Put(_tick, (uint)(_tick * 160), 0, payload.AsSpan(0, length), _tick * 20);
            }

            _mix.Tick(_sink);
        }
    }

    private sealed class QuietSink : IAudioMixSink
    {
        public void OnFrame(AudioListener listener, ReadOnlySpan<byte> payload)
        {
        }
    }

    private sealed class Sink : IAudioMixSink
    {
        private readonly Dictionary<AudioListener, (LawDecoder Decoder, List<float> Heard)> _heard = [];
        private readonly float[] _frame = new float[AudioFormat.MaxPacketSamples];

        public void OnFrame(AudioListener listener, ReadOnlySpan<byte> payload)
        {
            if (!_heard.TryGetValue(listener, out var one)) _heard.Add(listener, one = (new LawDecoder(listener.Format == "PCMU"), []));
            one.Heard.AddRange(_frame.AsSpan(0, one.Decoder.Decode(payload, _frame)));
        }

        public int Frames(AudioListener listener) => _heard.TryGetValue(listener, out var one) ? one.Heard.Count / AudioFormat.FrameSamples : 0;

        // Once filters and gains have settled.
        public float[] Heard(AudioListener listener) => [.. _heard[listener].Heard.Skip(24_000)];
    }
}
