using System.Data.Common;
using Parley.Plugins.Archive;

namespace Parley.tests.Plugins.Archive;

/// <summary>Writes that go together while another is under way.</summary>
public sealed class GroupedWritesTests
{
    private const int Bad = 6666;
    private readonly List<int[]> _writes = [];
    private readonly TaskCompletionSource _first = new();
    private readonly GroupedWrites<int, string> _all;
    private bool _isLost;

    public GroupedWritesTests() => _all = new(async items =>
    {
        _writes.Add([.. items]);
        if (_writes.Count == 1) await _first.Task;
        if (_isLost) throw new Lost();
        return items.Contains(Bad) ? throw new InvalidOperationException("bad") : [.. items.Select(i => $"{i}")];
    });

    [Fact]
    public async Task What_comes_meanwhile_goes_together_in_order_and_each_gets_its_own()
    {
        var one = _all.WriteAsync([1]);
        var others = Enumerable.Range(2, GroupedWrites<int, string>.MaxCallers).Select(i => _all.WriteAsync([i, -i])).ToList();
        _first.SetResult();

        Assert.Equal(["1"], await one);
        for (var i = 0; i < others.Count; i++) Assert.Equal([$"{i + 2}", $"{-i - 2}"], await others[i]);
        Assert.Equal([1, 2 * GroupedWrites<int, string>.MaxCallers], _writes.Select(w => w.Length));
        Assert.Equal(["9"], await _all.WriteAsync([9]));
    }

    [Fact]
    public async Task One_that_cannot_be_written_fails_alone()
    {
        var one = _all.WriteAsync([1]);
        var (two, bad, four) = (_all.WriteAsync([2]), _all.WriteAsync([Bad]), _all.WriteAsync([4]));
        _first.SetResult();

        Assert.Equal(["2"], await two);
        await Assert.ThrowsAsync<InvalidOperationException>(() => bad);
        Assert.Equal(["4"], await four);
        Assert.Equal(["1"], await one);
    }

    [Fact]
    public async Task Where_the_database_is_lost_none_is_tried_again_but_the_next_is_tried()
    {
        var one = _all.WriteAsync([1]);
        var (two, three) = (_all.WriteAsync([2]), _all.WriteAsync([3]));
        _isLost = true;
        _first.SetResult();

        await Assert.ThrowsAsync<Lost>(() => one);
        await Assert.ThrowsAsync<Lost>(() => two);
        await Assert.ThrowsAsync<Lost>(() => three);
        Assert.Equal(2, _writes.Count);
        _isLost = false;
        Assert.Equal(["4"], await _all.WriteAsync([4]));
    }

    [Fact]
    public async Task Whoever_wants_all_written_waits_for_what_was_given_before()
    {
        await _all.FlushAsync();
        var one = _all.WriteAsync([1]);
        var two = _all.WriteAsync([2]);
        var flush = _all.FlushAsync();
        Assert.False(flush.IsCompleted);
        _first.SetResult();
        await flush;
        Assert.True(one.IsCompletedSuccessfully && two.IsCompletedSuccessfully);
    }

    private sealed class Lost : DbException
    {
        public override bool IsTransient => true;
    }
}
