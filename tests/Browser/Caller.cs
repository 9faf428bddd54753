using System.Diagnostics;
using Microsoft.Playwright;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>One person in the room: a browser of their own, or one tab of it.</summary>
public sealed class Caller(string name, IPageScript script, PacketGate gate) : IAsyncDisposable
{
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(100);

    public string Name => name;

    public IPageScript Script => script;

    /// <summary>The browser's packets.</summary>
    public PacketGate Gate => gate;

    /// <summary>Playwright's page; Chromium only.</summary>
    public IPage Page => ((ChromiumPage)script).Page;

    /// <summary>What the page shows now.</summary>
    public async Task<CallView> ViewAsync() => CallView.Read(await script.EvaluateAsync(CallView.Expression));

    /// <summary>Waits until what the page shows fulfils a wish.</summary>
    /// <returns>How long it took.</returns>
    public async Task<TimeSpan> UntilAsync(string wish, Func<CallView, bool> isFulfilled, TimeSpan within)
    {
        var clock = Stopwatch.StartNew();
        while (true)
        {
            var view = await ViewAsync();
            if (isFulfilled(view))
            {
                TestContext.Current.TestOutputHelper?.WriteLine($"{name}: {wish} after {clock.Elapsed.TotalSeconds:0.0} s");
                return clock.Elapsed;
            }

            Assert.True(clock.Elapsed < within, $"{name} waited {within.TotalSeconds} s for: {wish}; sees {view}");
            await Task.Delay(Between);
        }
    }

    /// <summary>Waits until so many tiles are on the screen, oneself among them, and the call knows as many people.</summary>
    public Task<TimeSpan> SeesAsync(int people, TimeSpan within) =>
        UntilAsync($"{people} people", v => v.Tiles.Count == people && v.Snapshot.Participants.Count == people && v.Snapshot.State == "connected", within);

    /// <summary>Waits until everybody else's video is decoded and audio received.</summary>
    public Task<TimeSpan> ReceivesAsync(int others, TimeSpan within) =>
        UntilAsync($"video and audio of {others}", v => v.Others.Count() == others && v.Others.All(p => v.Frames(p) > 0 && v.AudioPackets(p) > 0), within);

    /// <summary>Watches that everybody's frames and audio packets rise all the time.</summary>
    public async Task KeepsReceivingAsync(int others, TimeSpan time)
    {
        // Long enough that a key frame lost on a busy machine comes again within it, short enough that no one would call it a freeze for good.
        var step = TimeSpan.FromSeconds(2);
        var before = await ViewAsync();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time;)
        {
            await Task.Delay(step);
            var now = await ViewAsync();
            Assert.Equal(others, now.Others.Count());
            foreach (var person in now.Others)
            {
                Assert.True(now.Frames(person) > before.Frames(person), $"{name} saw {person.Name} freeze at {clock.Elapsed}: {before}, then {now}");
                Assert.True(now.AudioPackets(person) > before.AudioPackets(person), $"{name} heard nothing of {person.Name} at {clock.Elapsed}: {before}, then {now}");
            }

            before = now;
        }
    }

    /// <summary>Leaves as a person does.</summary>
    public Task HangUpAsync() => Page.ClickAsync("[data-action=hangup]");

    /// <summary>Turns the microphone off, or on again.</summary>
    public Task MuteAsync() => Page.ClickAsync("[data-action=mic]");

    /// <summary>Has the room call somebody, as a person does.</summary>
    public async Task CallOutAsync(string who, bool withVideo)
    {
        await Page.ClickAsync("[data-action=call]");
        await Page.FillAsync("#call-out-who", who);
        await Page.SetCheckedAsync("#call-out-video", withVideo);
        await Page.ClickAsync("#call-out-go");
        await Page.WaitForSelectorAsync("#call-out:not([open])", new() { State = WaitForSelectorState.Attached });
    }

    /// <summary>Waits until the page shows a short notice with these words.</summary>
    public Task IsToldAsync(string words) => Page.WaitForSelectorAsync($"#toasts :text('{words}')", new() { Timeout = 30_000 });

    /// <summary>Writes a line in the room's chat.</summary>
    public async Task SayAsync(string text)
    {
        await Page.Keyboard.PressAsync("c");
        await Page.Keyboard.TypeAsync(text);
        await Page.Keyboard.PressAsync("Enter");
        await Page.Keyboard.PressAsync("Escape");
    }

    /// <summary>Takes a picture for people to look at, where <c>PARLEY_SHOTS</c> names a folder.</summary>
    public async Task ShootAsync(string picture)
    {
        if (Environment.GetEnvironmentVariable("PARLEY_SHOTS") is not { Length: > 0 } folder) return;
        await Task.Delay(500);
        await Page.ScreenshotAsync(new() { Path = Path.Combine(folder, $"{picture}.png") });
    }

    /// <summary>Kills the whole browser: nothing in it can say goodbye.</summary>
    public void Kill() => Assert.True(gate.KillProgram() > 1, $"{name}'s browser was not there to be killed");

    public ValueTask DisposeAsync() => script.DisposeAsync();
}
