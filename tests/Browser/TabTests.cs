namespace Parley.tests.Browser;

/// <summary>Several tabs of one browser profile.</summary>
public sealed class TabTests : CallTest
{
    [Fact]
    public async Task Three_tabs_of_one_profile_are_three_people_a_duplicated_one_too()
    {
        var room = await StartAsync();
        var first = await room.JoinAsync("First");
        await first.SeesAsync(1, Join);
        var second = await room.JoinFromTabAsync(first, "Second");
        await second.SeesAsync(2, Join);
        // What a page opens gets a copy of its session storage, as a duplicated tab does.
        var page = await first.Page.Context.RunAndWaitForPageAsync(() => first.Page.EvaluateAsync("() => void window.open(location.href)"));
        var copy = room.Adopt(first, "Copy", page);
        Caller[] all = [first, second, copy];
        foreach (var tab in all) await tab.SeesAsync(3, Join);
        foreach (var tab in all) await tab.ReceivesAsync(2, Join);
        Assert.Equal(3, (await Task.WhenAll(all.Select(async c => (await c.ViewAsync()).Snapshot.Self))).Distinct().Count());
        await Task.WhenAll(all.Select(c => c.KeepsReceivingAsync(2, Seconds(4))));
    }
}
