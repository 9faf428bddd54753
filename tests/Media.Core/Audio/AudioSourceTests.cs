using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

public sealed class AudioSourceTests : IDisposable
{
    private readonly LawEncoder _encoder = new(true);
    private readonly AudioSource _source = new(new LawDecoder(true), 8000, isLevelled: false);
    private readonly byte[] _payload = new byte[AudioFormat.MaxPayload];
    private readonly float[] _frame = new float[AudioFormat.FrameSamples];
    private readonly List<float> _heard = [];
    private int _sent;

    public void Dispose()
    {
        _source.Dispose();
        _encoder.Dispose();
    }

    [Fact]
    public void A_tone_is_heard_whole()
    {
        for (var i = 0; i < 50; i++)
        {
            Send(i * 20);
            Read();
        }

        Assert.InRange(Tones.Find([.. _heard.Skip(9600)], 440), 0.28, 0.32);
        Assert.InRange(Tones.Decibels([.. _heard.Skip(9600)]), -14, -13);
        Assert.Equal(0, _source.Concealed);
    }

    [Fact]
    public void Before_anything_came_and_long_after_the_last_there_is_silence()
    {
        Assert.False(_source.Read(_frame));
        for (var i = 0; i < 10; i++)
        {
            Send(i * 20);
            Read();
        }

        // What was heard goes on for a moment and fades away.
        var made = new List<float>();
        while (_source.Read(_frame)) made.AddRange(_frame);
        Assert.InRange(made.Count / AudioFormat.FrameSamples, 3, 10);
        Assert.InRange(Tones.Find(made.Take(960).ToArray(), 440), 0.25, 0.33);
        Assert.Equal(0, made[^1]);
        Assert.False(_source.Read(_frame));
        Assert.Equal(0, _source.Level);
    }

    [Theory]
    [InlineData(1.001)]
    [InlineData(0.999)]
    public void A_sender_whose_clock_goes_wrong_is_followed_without_a_gap(double pace)
    {
        // 100 s at a thousandth are 5 frames too many or too few.
        var clock = 0.0;
        for (var tick = 0; tick < 5000; tick++)
        {
            for (; clock <= tick * 20; clock += 20 / pace) Send((long)clock);
            Read();
        }

        Assert.InRange(_source.Buffer.Missed + _source.Buffer.Late, 0, 0);
        Assert.InRange(_source.Concealed, 0, 8);
        Assert.InRange(_source.Buffer.SurplusMs, -30, 30);
        // The tone stays what it was.
        Assert.InRange(Tones.Find([.. _heard.Skip(200_000).Take(48_000)], 440), 0.2, 0.32);
    }

    [Fact]
    public void What_cannot_be_decoded_is_not_taken_and_its_place_is_made_up()
    {
        for (var i = 0; i < 20; i++)
        {
            if (i == 10) Assert.False(_source.Put(_sent++, 0, 0, [], i * 20));
            else Send(i * 20);
            Read();
        }

        Assert.Equal(1, _source.Buffer.Missed);
        Assert.InRange(_source.Concealed, 1, 2);
        Assert.InRange(Tones.Decibels([.. _heard.TakeLast(4800)]), -16, -12);
        Assert.All(_heard.Skip(1920).Chunk(960), frame => Assert.InRange(Tones.Decibels(frame), -17, -11));
    }

    [Fact]
    public void Nothing_is_allocated_per_frame()
    {
        Assert.Equal(0, Allocations.Least(() =>
        {
            Send(_sent * 20);
            _source.Read(_frame);
        }));
    }

    private static float[] Tone { get; } = Tones.Make(440, 6_000 * AudioFormat.FrameSamples);

    private void Send(long nowMs)
    {
        var length = _encoder.Encode(Tone.AsSpan(_sent * AudioFormat.FrameSamples, AudioFormat.FrameSamples), _payload);
        Assert.True(_source.Put(_sent, (uint)(_sent * 160), 0, _payload.AsSpan(0, length), nowMs));
        _sent++;
    }

    private void Read()
    {
        if (_source.Read(_frame)) _heard.AddRange(_frame);
    }
}
