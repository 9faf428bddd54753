using Microsoft.Playwright;

namespace Parley.tests.Browser;

/// <summary>A page from elsewhere, in a visitor's browser beside our server.</summary>
public sealed class ForeignPageTests : CallTest
{
    private const string Evil = "http://evil.example/";

    [Fact]
    public async Task It_neither_joins_a_call_for_the_visitor_nor_speaks_to_the_server()
    {
        var room = await StartAsync();
        var gate = room.Namespace.Gate();
        await using var browser = await Chromium.LaunchAsync(room.Namespace, gate, Chromium.Usual);
        var page = await browser.NewPageAsync();
        await page.RouteAsync(Evil, r => r.FulfillAsync(new RouteFulfillOptions { ContentType = "text/html", Body = $"<a id=go href='{CallRoom.Url("Victim").Replace("&", "&amp;", StringComparison.Ordinal)}'>win a prize</a>" }));
        await page.GotoAsync(Evil);

        var socket = await page.EvaluateAsync<string>(
            "() => new Promise((done) => { const s = new WebSocket('ws://localhost:5280/xmpp-websocket', 'xmpp'); s.onopen = () => done('open'); s.onerror = () => done('refused'); })");
        Assert.Equal("refused", socket);
        var frame = await page.EvaluateAsync<string>(
            $"() => new Promise((done) => {{ const f = document.createElement('iframe'); f.src = '{CallRoom.Url("Framed")}'; f.onload = () => done('loaded'); document.body.append(f); }})");
        Assert.Equal("loaded", frame); // with the browser's error page, since frame-ancestors forbids it
        Assert.All(page.Frames.Skip(1), f => Assert.StartsWith("chrome-error://", f.Url));

        await page.ClickAsync("#go");
        await page.WaitForFunctionAsync("() => document.body.dataset.state !== undefined");
        await Task.Delay(2000, TestContext.Current.CancellationToken);
        Assert.Equal("preview", await page.EvaluateAsync<string>("() => document.body.dataset.state"));
        // The visitor's own hand may still join.
        await page.ClickAsync("button[type=submit]");
        await page.WaitForFunctionAsync("() => document.body.dataset.state === 'connected'");
    }
}
