using Parley.Plugins.Archive;

namespace Parley.tests.Plugins.Archive;

/// <summary>XEP-0359 section 3: ids that say nothing, and mean nothing to others.</summary>
public sealed class EntryIdTests : IDisposable
{
    private readonly EntryIds _ids = new([.. Enumerable.Range(1, EntryIds.KeyLength).Select(i => (byte)i)]);

    public void Dispose() => _ids.Dispose();

    [Fact]
    public void An_id_leads_back_to_its_entry_and_to_no_other_owners()
    {
        var id = _ids.Write(7, 1_234_567_890_123);

        Assert.True(_ids.TryRead(7, id, out var number));
        Assert.Equal(1_234_567_890_123, number);
        Assert.False(_ids.TryRead(8, id, out _));
        using var others = new EntryIds(new byte[EntryIds.KeyLength]);
        Assert.False(others.TryRead(7, id, out _));
    }

    [Fact]
    public void Neighbours_look_nothing_alike()
    {
        var ids = Enumerable.Range(1, 100).Select(i => _ids.Write(1, i)).ToList();

        Assert.Equal(100, ids.Select(i => i[..4]).Distinct().Count());
        Assert.Equal(100, ids.Select(i => i[^4..]).Distinct().Count());
    }

    [Theory]
    [InlineData("")]
    [InlineData("1")]
    [InlineData("not base64 at all !!!!")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA")]
    [InlineData("AAAAAAAAAAAAAAAAAAAAAA==")]
    [InlineData("ÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄÄ")]
    public void What_is_none_is_none(string id) => Assert.False(_ids.TryRead(1, id, out _));

    [Fact]
    public void Numbers_ascend_within_a_millisecond_and_when_the_clock_goes_back()
    {
        var first = EntryNumber.Next(1000, 0);
        var second = EntryNumber.Next(1000, first);
        var third = EntryNumber.Next(10, second);

        Assert.True(first < second && second < third);
        Assert.Equal(DateTimeOffset.FromUnixTimeMilliseconds(1000), EntryNumber.TimeOf(third));
        Assert.True(EntryNumber.Next(2000, third) > EntryNumber.UpTo(DateTimeOffset.FromUnixTimeMilliseconds(1999)));
        Assert.Equal(EntryNumber.First(2000), EntryNumber.From(DateTimeOffset.FromUnixTimeMilliseconds(1999).AddTicks(1)));
    }
}
