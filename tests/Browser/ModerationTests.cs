using Microsoft.Playwright;

namespace Parley.tests.Browser;

/// <summary>A moderated room in Chromium: what moderators do is done, and everybody sees it.</summary>
public sealed class ModerationTests : CallTest
{
    private const string Room = "--Plugins:FocusAgent:Rooms:room:";

    [Fact]
    public async Task Someone_waits_in_the_lobby_is_let_in_muted_held_and_removed()
    {
        var room = await StartAsync(Room + "Lobby=true", Room + "Moderators:0=ann@localhost");
        room.Server.AddUser("ann@localhost", "correct horse");
        var (ann, ben) = (await room.SignInAsync("Ann", "correct horse"), await room.JoinAsync("Ben"));
        await ann.UntilAsync("to be in", v => v.Snapshot is { State: "connected" }, Join);
        await ben.UntilAsync("to wait", v => v.Snapshot is { State: "waiting", Participants.Count: 1 }, Join);
        Assert.Contains("You are waiting to be let in", await ben.Page.InnerTextAsync("#door"), StringComparison.Ordinal);
        await ann.Page.WaitForSelectorAsync("#knock:not([hidden])");
        await ben.ShootAsync("waiting");
        await ann.ShootAsync("knock");

        // By the keyboard alone.
        await ann.Page.FocusAsync("#knock-admit");
        await ann.Page.Keyboard.PressAsync("Enter");
        await ben.SeesAsync(2, Join);
        await ann.ReceivesAsync(1, Join);

        await ben.Page.Keyboard.PressAsync("h");
        await ann.UntilAsync("Ben's hand", v => v.Others.Single().Hand == 1, Seconds(10));
        await ann.Page.Keyboard.PressAsync("p");
        await ann.ShootAsync("people");
        var row = ann.Page.Locator("#people-list .person", new PageLocatorOptions { HasText = "Ben" });
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = "Mute Ben" }).ClickAsync();
        await ben.UntilAsync("to be muted", v => v.Snapshot.Participants.Single(p => p.IsSelf).IsMuted, Seconds(10));
        await ann.UntilAsync("Ben muted", v => v.Others.Single().IsMuted, Seconds(10));
        Assert.False(await IsMicOnAsync(ben));
        await ben.Page.Keyboard.PressAsync("m");
        await ann.UntilAsync("Ben unmuted", v => !v.Others.Single().IsMuted, Seconds(20));

        await MenuAsync(ann, row, "Mute until I lift it");
        await ben.UntilAsync("to be held", v => v.Snapshot.Participants.Single(p => p.IsSelf).IsMuted, Seconds(10));
        await ben.Page.WaitForSelectorAsync("[data-action=mic].is-held");
        await ben.Page.Keyboard.PressAsync("m");
        Assert.False(await IsMicOnAsync(ben));
        await ben.ShootAsync("held");
        // A microphone that is switched off sends silence all the time: not even that arrives.
        await Task.Delay(Seconds(1), TestContext.Current.CancellationToken);
        var before = await PacketsOfAsync(ann);
        await Task.Delay(Seconds(2), TestContext.Current.CancellationToken);
        Assert.Equal(before, await PacketsOfAsync(ann));

        await ann.Page.SetViewportSizeAsync(390, 844);
        await ann.ShootAsync("people-phone");
        await MenuAsync(ann, row, "Remove from the call");
        await ann.Page.ClickAsync("#confirm-yes");
        await ben.UntilAsync("to be out", v => v.Snapshot.State == "ended", Seconds(10));
        Assert.Equal("Ann removed you from the call", await ben.Page.InnerTextAsync("#end-title"));
        await ann.SeesAsync(1, Seconds(10));
        await ben.ShootAsync("removed");
        await ben.Page.ClickAsync("#rejoin");
        await ben.UntilAsync("to wait again", v => v.Snapshot.State == "waiting", Join);
        await ann.Page.ClickAsync("#end-all");
        await ann.Page.ClickAsync("#confirm-yes");
        await ann.UntilAsync("the end", v => v.Snapshot.State == "ended", Seconds(10));
        await ben.UntilAsync("the end", v => v.Snapshot.State == "ended", Seconds(10));
        Assert.Equal("Ann ended the call", await ben.Page.InnerTextAsync("#end-title"));
    }

    [Fact]
    public async Task A_page_asks_for_the_password_of_the_room()
    {
        var room = await StartAsync(Room + "Password=tea time");
        var ann = await room.JoinAsync("Ann");
        await ann.UntilAsync("to be asked", v => v.Snapshot.State == "password", Join);
        await ann.ShootAsync("password");
        await ann.Page.FillAsync("#door-password", "coffee");
        await ann.Page.Keyboard.PressAsync("Enter");
        await ann.Page.WaitForSelectorAsync("#door-notice:not([hidden])");
        await ann.Page.FillAsync("#door-password", "tea time");
        await ann.Page.Keyboard.PressAsync("Enter");
        await ann.UntilAsync("to be in", v => v.Snapshot.State == "connected", Join);
    }

    private static async Task MenuAsync(Caller moderator, ILocator row, string item)
    {
        await row.Locator("summary").ClickAsync();
        await row.GetByRole(AriaRole.Button, new LocatorGetByRoleOptions { Name = item }).ClickAsync();
        await moderator.Page.WaitForSelectorAsync("#people");
    }

    private static async Task<long> PacketsOfAsync(Caller caller)
    {
        var view = await caller.ViewAsync();
        return view.AudioPackets(view.Others.Single());
    }

    private static async Task<bool> IsMicOnAsync(Caller caller) => await caller.Page.EvaluateAsync<bool>("document.querySelector('[data-action=mic]').classList.contains('is-off') === false");
}
