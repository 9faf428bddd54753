namespace Parley.tests.Browser;

/// <summary>Three separate browsers in one room.</summary>
public sealed class ThreePeopleTests : CallTest
{
    [Fact]
    public Task They_see_and_hear_each_other_and_who_leaves_or_reloads_does_so_at_once() => MeetAsync("");

    [Fact]
    public Task They_do_so_too_where_every_packet_crosses_our_TURN() => MeetAsync("&ice=relay");

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("&ice=relay", true)]
    public async Task One_whose_browser_is_killed_is_gone(string query, bool isOffline)
    {
        var room = await StartAsync();
        var all = await room.JoinAllAsync(query, "Ann", "Bob", "Eve");
        var (ann, bob, eve) = (all[0], all[1], all[2]);
        await ann.SeesAsync(3, Join);
        await ann.ReceivesAsync(2, Join);
        await bob.ReceivesAsync(2, Join);

        // Without a network not even the kernel can say goodbye for it.
        if (isOffline) eve.Gate.DropAll();
        eve.Kill();

        await Task.WhenAll(ann.SeesAsync(2, Seconds(15)), bob.SeesAsync(2, Seconds(15)));
        await Task.WhenAll(ann.KeepsReceivingAsync(1, Seconds(4)), bob.KeepsReceivingAsync(1, Seconds(4)));
    }

    private async Task MeetAsync(string query)
    {
        var room = await StartAsync();
        var all = await room.JoinAllAsync(query, "Ann", "Bob", "Eve");
        var (ann, bob, eve) = (all[0], all[1], all[2]);
        foreach (var caller in all) await caller.SeesAsync(3, Join);
        foreach (var caller in all) await caller.ReceivesAsync(2, Join);

        await Task.WhenAll(all.Select(c => c.KeepsReceivingAsync(2, Watch)));
        if (query.Length > 0)
        {
            foreach (var view in await Task.WhenAll(all.Select(c => c.ViewAsync())))
            {
                Assert.NotEmpty(view.Pairs);
                Assert.All(view.Pairs, p => Assert.Equal("relay", p.Local));
            }
        }

        await bob.Page.ReloadAsync();
        await bob.UntilAsync("being back", v => v.Snapshot.State == "connected" && v.Tiles.Count == 3 && v.Others.All(p => v.Frames(p) > 0 && v.AudioPackets(p) > 0), Seconds(5));
        await Task.WhenAll(all.Select(c => c.KeepsReceivingAsync(2, Seconds(4))));

        await eve.HangUpAsync();
        await Task.WhenAll(ann.SeesAsync(2, Seconds(2)), bob.SeesAsync(2, Seconds(2)));
    }
}
