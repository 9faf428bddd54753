using Parley.Media.Core.Rtp;

namespace Parley.tests.Media.Core.Rtp;

public sealed class TelephoneEventsTests
{
    private readonly TelephoneEvents _events = new();

    [Fact]
    public void A_key_is_told_once_however_often_it_is_repeated()
    {
        Assert.Equal('5', Read(5, 8_000));
        for (var i = 0; i < 6; i++) Assert.Null(Read(5, 8_000));
        Assert.Equal('5', Read(5, 9_600));
        // What comes late of the one before is not new.
        Assert.Null(Read(5, 8_000));
    }

    [Fact]
    public void A_key_whose_first_packets_are_lost_is_told_by_its_last() => Assert.Equal('#', Read(11, 1, flags: 0x8A));

    [Theory]
    [InlineData(0, '0')]
    [InlineData(9, '9')]
    [InlineData(10, '*')]
    [InlineData(11, '#')]
    [InlineData(12, 'A')]
    [InlineData(15, 'D')]
    public void All_sixteen_keys_are_known(byte code, char key) => Assert.Equal(key, Read(code, 160));

    [Fact]
    public void Other_events_and_what_is_too_short_are_no_keys()
    {
        Assert.Null(Read(16, 160));
        Assert.Null(Read(255, 320));
        Assert.False(_events.TryRead([1, 10, 0], 480, 0, out _));
        Assert.False(_events.TryRead([], 640, 0, out _));
        // And they are in no key's way.
        Assert.Equal('1', Read(1, 100));
    }

    [Fact]
    public void Time_that_wraps_around_goes_on()
    {
        Assert.Equal('1', Read(1, uint.MaxValue - 10));
        Assert.Equal('2', Read(2, 1_600));
    }

    // RFC 4733 section 2.5.1.3: each segment begins where the one before ended.
    [Fact]
    public void A_key_that_is_held_is_one_key_in_all_its_segments()
    {
        Assert.Equal('7', Read(7, 1_000));
        Assert.Null(Read(7, 1_000 + 65_535));
        Assert.Null(Read(7, 1_000 + 2 * 65_535));
        Assert.Equal('7', Read(7, 1_000 + 2 * 65_535 + 1_600));
    }

    [Fact]
    public void Nobody_presses_a_thousand_keys_a_second()
    {
        var told = Enumerable.Range(1, 10_000).Count(i => Read((byte)(i % 10), (uint)i * 8, nowMs: i) is not null);
        Assert.InRange(told, 100, 120);
    }

    private char? Read(byte code, uint timestamp, byte flags = 10, long nowMs = 0) => _events.TryRead([code, flags, 0, 160], timestamp, nowMs, out var key) ? key : null;
}
