using Parley.Media.Relay.Mixing;

namespace Parley.tests.Media.Relay.Mixing;

/// <summary>What correction is sent for: what a receiver loses, and for a while what it lost.</summary>
public sealed class MixLossTests
{
    [Fact]
    public void It_rises_at_once_to_a_bound_and_falls_slowly()
    {
        var loss = new MixLoss();
        Assert.False(loss.Update(0, 0));
        Assert.True(loss.Update(26, 1_000)); // a tenth
        Assert.Equal(11, loss.Percent);
        Assert.True(loss.Update(255, 2_000));
        Assert.Equal(25, loss.Percent);
        for (var i = 1; i <= 10; i++)
        {
            Assert.True(loss.Update(0, 2_000 + (i * 1_000)));
            Assert.Equal(25 - i, loss.Percent);
        }
    }

    [Fact]
    public void More_than_one_report_a_second_makes_it_no_faster()
    {
        var loss = new MixLoss();
        Assert.True(loss.Update(255, 0));
        for (var now = 20; now < 1_000; now += 20) Assert.False(loss.Update(0, now));
        Assert.Equal(25, loss.Percent);
    }
}
