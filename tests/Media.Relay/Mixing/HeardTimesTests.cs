using Parley.Media.Relay.Mixing;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>Which moment of a voice is in which moment of the mix.</summary>
public sealed class HeardTimesTests
{
    private readonly HeardTimes _heard = new();

    [Fact]
    public void Before_anything_was_heard_it_is_the_usual() => Assert.Equal(100_000 - HeardTimes.UsualAgeMs, _heard.SaidAt(100_000));

    [Fact]
    public void Of_each_frame_it_is_known_and_within_one_it_goes_on_evenly()
    {
        Note(100_000, 101_000, 130);
        Assert.Equal(100_370, _heard.SaidAt(100_500), 1e-6);
        Assert.Equal(100_377, _heard.SaidAt(100_507), 1e-6);
    }

    [Fact]
    public void After_the_last_it_goes_on_as_far_behind()
    {
        Note(100_000, 101_000, 130);
        Assert.Equal(101_870, _heard.SaidAt(102_000), 1e-6);
    }

    [Fact]
    public void What_came_late_and_was_waited_for_stands_still_meanwhile()
    {
        Note(100_000, 101_000, 100);
        // Nothing for 300 ms; then what comes next is 400 ms late.
        Note(101_300, 102_000, 400);
        Assert.Equal(100_880, _heard.SaidAt(100_980), 1e-6);
        Assert.InRange(_heard.SaidAt(101_150), 100_880, 100_900);
        Assert.Equal(100_900, _heard.SaidAt(101_300), 1e-6);
    }

    [Fact]
    public void Silence_goes_on_evenly_between_what_was_said()
    {
        Note(100_000, 101_000, 100);
        Note(101_600, 102_000, 100);
        Assert.Equal(101_200, _heard.SaidAt(101_300), 1e-6);
    }

    [Fact]
    public void What_was_heard_long_ago_is_forgotten_and_nonsense_is_not_noted()
    {
        Note(100_000, 105_000, 130);
        Note(110_000, 115_000, 50);
        Assert.Equal(114_950, _heard.SaidAt(115_000), 1e-6);
        Assert.Equal(130_000 - HeardTimes.UsualAgeMs, _heard.SaidAt(130_000));
        _heard.Note(129_980, 130_500);
        _heard.Note(129_980, 100_000);
        Assert.Equal(130_000 - HeardTimes.UsualAgeMs, _heard.SaidAt(130_000));
    }

    private void Note(long fromMs, long toMs, long age)
    {
        for (var at = fromMs; at < toMs; at += 20) _heard.Note(at, at - age);
    }
}
