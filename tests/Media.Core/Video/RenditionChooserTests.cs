using Parley.Media.Core.Video;

namespace Parley.tests.Media.Core.Video;

public class RenditionChooserTests
{
    private static readonly long[] Bitrates = [1_200_000, 500_000, 120_000];

    [Fact]
    public void It_begins_in_the_middle_and_goes_up_where_all_is_well()
    {
        var chooser = new RenditionChooser(Bitrates, 0);
        Assert.Equal(1, chooser.Choice);
        Run(chooser, 0, 10, 0, 2_000_000);
        Assert.Equal(0, chooser.Choice);
    }

    [Fact]
    public void Heavy_loss_brings_it_down_to_the_smallest_and_no_further()
    {
        var chooser = new RenditionChooser(Bitrates, 0);
        Run(chooser, 0, 3, 60, null);
        Assert.Equal(2, chooser.Choice);
        Run(chooser, 3, 10, 60, null);
        Assert.Equal(2, chooser.Choice);
    }

    [Fact]
    public void One_bad_report_is_no_reason()
    {
        var chooser = new RenditionChooser(Bitrates, 0);
        chooser.OnReport(80, null, 1_000);
        chooser.OnReport(0, null, 2_000);
        chooser.OnReport(80, null, 3_000);
        Assert.Equal(1, chooser.Choice);
    }

    [Fact]
    public void An_estimate_below_what_is_sent_brings_it_down()
    {
        var chooser = new RenditionChooser(Bitrates, 0);
        Run(chooser, 0, 3, 0, 300_000);
        Assert.Equal(2, chooser.Choice);
    }

    [Fact]
    public void A_step_up_that_does_not_hold_is_tried_again_ever_more_seldom()
    {
        // A line that takes the middle one and no more.
        var chooser = new RenditionChooser(Bitrates, 0);
        var ups = new List<int>();
        for (var second = 1; second <= 300; second++)
        {
            var before = chooser.Choice;
            chooser.OnReport((byte)(before == 0 ? 90 : 0), null, second * 1000L);
            if (chooser.Choice < before) ups.Add(second);
            Assert.InRange(chooser.Choice, 0, 1);
        }

        Assert.InRange(ups.Count, 4, 8);
        var gaps = ups.Zip(ups.Skip(1), (a, b) => b - a).ToList();
        Assert.Equal(gaps.Order(), gaps);
        Assert.True(gaps[^1] > 60);
    }

    [Fact]
    public void On_a_line_that_was_bad_and_is_good_again_it_comes_up()
    {
        var chooser = new RenditionChooser(Bitrates, 0);
        Run(chooser, 0, 20, 60, null);
        Assert.Equal(2, chooser.Choice);
        Run(chooser, 20, 60, 0, null);
        Assert.Equal(0, chooser.Choice);
    }

    private static void Run(RenditionChooser chooser, int from, int to, byte loss, long? estimate)
    {
        for (var second = from + 1; second <= to; second++) chooser.OnReport(loss, estimate, second * 1000L);
    }
}
