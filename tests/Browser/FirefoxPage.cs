using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>
/// Debian's Firefox with its fake camera and microphone and no preference about ICE. Playwright drives only a Firefox of its own; this one speaks
/// WebDriver BiDi without any help.
/// </summary>
internal sealed class FirefoxPage : IPageScript
{
    private const string Path = "/usr/bin/firefox-esr";

    // Nobody is there to answer the question for the camera.
    private static readonly string[] Preferences =
    [
        """user_pref("media.navigator.streams.fake", true);""",
        """user_pref("media.navigator.permission.disabled", true);""",
        """user_pref("media.autoplay.default", 0);""",
        """user_pref("datareporting.policy.dataSubmissionEnabled", false);""",
        """user_pref("browser.shell.checkDefaultBrowser", false);""",
        """user_pref("network.captive-portal-service.enabled", false);""",
        """user_pref("network.connectivity-service.enabled", false);""",
    ];

    private readonly RunningCommand _process;
    private readonly BidiConnection _bidi;
    private readonly string _profile;
    private readonly string _context;

    private FirefoxPage(RunningCommand process, BidiConnection bidi, string profile, string context) => (_process, _bidi, _profile, _context) = (process, bidi, profile, context);

    public string Console => _process.Text;

    /// <summary>Starts the browser in a namespace and opens an address.</summary>
    public static async Task<FirefoxPage> OpenAsync(NetworkNamespace ns, PacketGate gate, string url)
    {
        Assert.SkipUnless(File.Exists(Path), "Firefox is not installed: run tests/setup.");
        var profile = Directory.CreateTempSubdirectory("parley-firefox-").FullName;
        await File.WriteAllLinesAsync(System.IO.Path.Combine(profile, "user.js"), Preferences);
        var process = RunningCommand.Start(ns.Wrapper(Path, gate), ["--headless", "--no-remote", "--profile", profile, "--remote-debugging-port", "0"],
            new Dictionary<string, string?> { ["HOME"] = profile, ["MOZ_DISABLE_CONTENT_SANDBOX"] = "1", ["DISPLAY"] = null });
        var listening = await process.WaitForAsync(@"WebDriver BiDi listening on (ws://\S+)", TimeSpan.FromSeconds(60));
        var bidi = await BidiConnection.ConnectAsync(ns, new Uri(listening.Groups[1].Value + "/session"));
        await bidi.CallAsync("session.new", new { capabilities = new { } });
        var tree = await bidi.CallAsync("browsingContext.getTree", new { });
        var context = tree.GetProperty("contexts")[0].GetProperty("context").GetString()!;
        var page = new FirefoxPage(process, bidi, profile, context);
        await bidi.CallAsync("browsingContext.navigate", new { context, url, wait = "complete" });
        return page;
    }

    public async Task<JsonElement> EvaluateAsync(string expression)
    {
        var answer = await _bidi.CallAsync("script.evaluate", new
        {
            expression = $"Promise.resolve({expression}).then((v) => JSON.stringify(v ?? null))",
            target = new { context = _context },
            awaitPromise = true,
        });
        if (answer.GetProperty("type").GetString() == "exception") throw new InvalidOperationException(Regex.Replace(answer.GetProperty("exceptionDetails").ToString(), @"\s+", " "));
        return JsonDocument.Parse(answer.GetProperty("result").GetProperty("value").GetString()!).RootElement;
    }

    public async ValueTask DisposeAsync()
    {
        await _bidi.DisposeAsync();
        if (!_process.Process.HasExited) _process.Process.Kill(entireProcessTree: true);
        await _process.Process.WaitForExitAsync();
        Directory.Delete(_profile, recursive: true);
    }
}
