using System.Diagnostics;
using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Somebody with a Jingle client that is not ours (npm's stanza), in a Chromium of their own.</summary>
internal sealed class JinglePerson : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);
    private static readonly TimeSpan Between = TimeSpan.FromMilliseconds(200);
    private readonly string _name;
    private readonly ChromiumPage _page;

    private JinglePerson(string name, ChromiumPage page) => (_name, _page) = (name, page);

    /// <summary>The full JID.</summary>
    public string Jid { get; private set; } = "";

    /// <summary>The URLs that the server's XEP-0215 answer gave the client.</summary>
    public IReadOnlyList<string> Servers { get; private set; } = [];

    /// <summary>Opens the page on a host.</summary>
    /// <param name="host">Where.</param>
    /// <param name="name">Whose.</param>
    /// <param name="script">A script to run in the page before its own.</param>
    public static async Task<JinglePerson> OpenAsync(NetworkNamespace host, string name, string? script = null)
    {
        var html = await JingleTools.PageAsync();
        var browser = await Chromium.LaunchAsync(host, host.Gate(), [Chromium.FakeDevices, Chromium.GrantDevices, "--ignore-certificate-errors", Chromium.AllowLocalNetwork]);
        var context = await browser.NewContextAsync();
        if (script is not null) await context.AddInitScriptAsync(script);
        var page = await context.NewPageAsync();
        await page.RouteAsync(JingleTools.Url + "**", r => r.FulfillAsync(new() { ContentType = "text/html", Body = html }));
        var person = new JinglePerson(name, new ChromiumPage(page, browser));
        await page.GotoAsync(JingleTools.Url);
        return person;
    }

    /// <summary>Logs in by WebSocket and asks for the services.</summary>
    /// <param name="password">The password.</param>
    /// <param name="webSocket">Where.</param>
    /// <param name="domain">The account's domain.</param>
    /// <param name="unlisted">Features that the client has and does not list in service discovery.</param>
    public async Task LogInAsync(string password, string webSocket, string domain = NatLab.Domain, params string[] unlisted)
    {
        Login login;
        try
        {
            login = (await _page.EvaluateAsync($"jingle.logIn('{_name}@{domain}', '{password}', '{webSocket}', {JsonSerializer.Serialize(unlisted)})")).Deserialize<Login>(Json)!;
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{_name} cannot log in:\n{await AccountAsync()}");
            throw;
        }

        (Jid, Servers) = (login.Jid, login.Servers);
    }

    /// <summary>Calls somebody, who answers by themselves.</summary>
    public Task CallAsync(JinglePerson other) => CallAsync(other.Jid);

    /// <summary>Calls whoever answers at an address.</summary>
    public Task CallAsync(string jid) => _page.EvaluateAsync($"jingle.call('{jid}')");

    /// <summary>Calls by voice alone, with a transport for each content unless they are to be bundled.</summary>
    public Task CallByVoiceAsync(string jid, bool bundles) => _page.EvaluateAsync($"jingle.callByVoice('{jid}', {(bundles ? "true" : "false")})");

    /// <summary>Turns the camera on while the call is on (XEP-0166 content-add), and waits until the other side has taken it.</summary>
    public Task AddVideoAsync() => _page.EvaluateAsync("jingle.addVideo().then(() => true)");

    /// <summary>Turns it off again by content-remove.</summary>
    public Task RemoveVideoAsync() => _page.EvaluateAsync("jingle.removeVideo()");

    /// <summary>The page.</summary>
    public IPageScript Script => _page;

    /// <summary>Hangs up.</summary>
    public Task EndAsync() => _page.EvaluateAsync("jingle.end()");

    /// <summary>What is received now.</summary>
    public async Task<JingleView> ViewAsync() => (await _page.EvaluateAsync("jingle.view()")).Deserialize<JingleView>(Json)!;

    /// <summary>Waits until video is decoded and audio received.</summary>
    public Task<JingleView> ReceivesAsync(TimeSpan within) => UntilAsync(within, view => view is { Frames: > 0, Audio: > 0 });

    /// <summary>Waits until what is received is as wanted.</summary>
    public async Task<JingleView> UntilAsync(TimeSpan within, Predicate<JingleView> isWanted)
    {
        for (var clock = Stopwatch.StartNew(); ; await Task.Delay(Between))
        {
            var view = await ViewAsync();
            if (isWanted(view)) return view;
            if (clock.Elapsed > within) Assert.Fail($"{_name} received not what was wanted for {within.TotalSeconds} s: {view}\n{await AccountAsync()}");
        }
    }

    /// <summary>Watches that frames and audio packets rise all the time.</summary>
    public async Task KeepsReceivingAsync(TimeSpan time)
    {
        var before = await ViewAsync();
        for (var clock = Stopwatch.StartNew(); clock.Elapsed < time;)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            var now = await ViewAsync();
            if (now.Frames <= before.Frames || now.Audio <= before.Audio) Assert.Fail($"{_name} received nothing at {clock.Elapsed}: {before}, then {now}\n{await AccountAsync()}");
            before = now;
        }
    }

    /// <summary>Everything that a failing test wants to show.</summary>
    public async Task<string> AccountAsync() => $"{_page.Console}\n{string.Join('\n', (await _page.EvaluateAsync("jingle.log")).EnumerateArray().Select(l => l.GetString()))}";

    public ValueTask DisposeAsync() => _page.DisposeAsync();

    private sealed record Login(string Jid, IReadOnlyList<string> Servers);
}

/// <summary>One side of a one-to-one call.</summary>
/// <param name="State">RTCPeerConnection.connectionState.</param>
/// <param name="Frames">Video frames decoded.</param>
/// <param name="Audio">Audio packets received.</param>
/// <param name="Ways">Kinds of the candidate pairs in use, such as <c>relay/tls-relay</c>.</param>
internal sealed record JingleView(string State, long Frames, long Audio, IReadOnlyList<string> Ways)
{
    public override string ToString() => $"{State}, {Frames} frames, {Audio} audio packets, by {string.Join(", ", Ways)}";
}
