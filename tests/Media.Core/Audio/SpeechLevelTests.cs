using Parley.Media.Core.Audio;

namespace Parley.tests.Media.Core.Audio;

public sealed class SpeechLevelTests
{
    private readonly SpeechLevel _level = new();

    [Fact]
    public void Silence_is_no_speech() => Assert.All(Run(0, 50), l => Assert.Equal(0, l));

    [Fact]
    public void A_voice_is_as_loud_as_RFC_6464_would_say() => Assert.All(Run(-25, 100), l => Assert.InRange(l, 101, 102));

    [Theory]
    [InlineData(-60)]
    [InlineData(-50)]
    [InlineData(-40)]
    public void Noise_is_no_speech_once_it_is_known(float noise) => Assert.All(Run(noise, 700).Skip(650), l => Assert.Equal(0, l));

    [Fact]
    public void A_voice_above_the_noise_is_heard_and_its_pauses_are_not()
    {
        Run(-48, 700);
        for (var word = 0; word < 20; word++)
        {
            Assert.All(Run(-25, 15), l => Assert.True(l > 0));
            Assert.All(Run(-48, 10), l => Assert.Equal(0, l));
        }
    }

    [Fact]
    public void A_gap_does_not_make_speech_of_the_noise_after_it()
    {
        Run(-50, 700);
        Run(float.NegativeInfinity, 20);
        Assert.All(Run(-50, 50), l => Assert.Equal(0, l));
    }

    [Fact]
    public void Whoever_speaks_without_a_pause_is_heard_all_the_time() => Assert.All(Run(-20, 6000), l => Assert.True(l > 0));

    private List<int> Run(float decibels, int frames) =>
        [.. Enumerable.Range(0, frames).Select(_ => _level.Measure(decibels == 0 ? 0 : MathF.Pow(10, decibels / 20)))];
}
