using Microsoft.Playwright;

namespace Parley.tests.Browser;

/// <summary>What the README shows of a call.</summary>
public sealed class PictureTests : CallTest
{
    [Fact]
    public async Task A_call_of_three_fits_the_window_and_names_everybody()
    {
        var room = await StartAsync();
        var ann = await room.JoinAsync("Ann", script: DrawnPerson.Script(200, 74, "#3a2418"));
        var bob = await room.JoinAsync("Bob", script: DrawnPerson.Script(28, 50, "#14110f"));
        var eve = await room.JoinAsync("Eve", script: DrawnPerson.Script(330, 80, "#b4752c"));
        foreach (var caller in (Caller[])[ann, bob, eve]) await caller.ReceivesAsync(2, Join);
        await ann.Page.WaitForFunctionAsync("() => document.querySelectorAll('.tile.has-picture').length === 3");

        var names = await ann.Page.Locator(".tile-name").AllTextContentsAsync();
        Assert.Equal(["Ann (you)", "Bob", "Eve"], names.Order());
        foreach (var tile in await ann.Page.Locator(".tile").AllAsync())
        {
            var box = await tile.BoundingBoxAsync();
            Assert.NotNull(box);
            Assert.True(box is { X: >= 0, Y: >= 0, Width: > 200, Height: > 100 } && box.X + box.Width <= 1280 && box.Y + box.Height <= 800, $"a tile at {box.X},{box.Y} of {box.Width}×{box.Height}");
        }

        // `PARLEY_PICTURE=docs/images/call.png ./parley test --filter PictureTests` renews the README's picture.
        if (Environment.GetEnvironmentVariable("PARLEY_PICTURE") is not { } path) return;
        // One speaks, the others listen.
        await ann.Page.Keyboard.PressAsync("m");
        await eve.Page.Keyboard.PressAsync("m");
        await Task.Delay(Seconds(3), TestContext.Current.CancellationToken);
        await ann.Page.ScreenshotAsync(new PageScreenshotOptions { Path = path });
    }
}
