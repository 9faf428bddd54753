using Microsoft.Playwright;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>Debian's Chromium, in a namespace.</summary>
internal static class Chromium
{
    /// <summary>Lets Chromium use candidates at 127.0.0.1, which it otherwise neither gathers nor pairs.</summary>
    public const string AllowLoopback = "--allow-loopback-in-peer-connection";

    private const string Path = "/usr/bin/chromium";

    /// <summary>A camera and a microphone that need no hardware. Fifteen frames a second: three browsers share two cores in the tests.</summary>
    public const string FakeDevices = "--use-fake-device-for-media-stream=fps=15";

    /// <summary>Lets a page that no server of this network served (Playwright made it up) connect to loopback.</summary>
    public const string AllowLocalNetwork = "--disable-features=LocalNetworkAccessChecks";

    /// <summary>Grants camera and microphone without a question.</summary>
    public const string GrantDevices = "--use-fake-ui-for-media-stream";

    private static readonly string[] Args =
    [
        "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync",
        "--autoplay-policy=no-user-gesture-required",
        "--disable-background-timer-throttling", "--disable-renderer-backgrounding", "--disable-backgrounding-occluded-windows",
    ];

    private static readonly Lazy<Task<IPlaywright>> Driver = new(Playwright.CreateAsync);

    /// <summary>What a caller at this machine has.</summary>
    public static IReadOnlyList<string> Usual { get; } = [AllowLoopback, FakeDevices, GrantDevices];

    /// <summary>Starts one more browser.</summary>
    public static async Task<IBrowser> LaunchAsync(NetworkNamespace ns, PacketGate gate, IEnumerable<string> more)
    {
        Assert.SkipUnless(File.Exists(Path), "Chromium is not installed: run tests/setup.");
        var playwright = await Driver.Value;
        return await playwright.Chromium.LaunchAsync(new BrowserTypeLaunchOptions
        {
            ExecutablePath = ns.Wrapper(Path, gate),
            Headless = true,
            Args = [.. Args, .. more],
            Timeout = 60_000,
        });
    }
}
