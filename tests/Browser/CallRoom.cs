using Microsoft.Playwright;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>A server in a network of its own, and the people who call one room of it.</summary>
public sealed class CallRoom : IAsyncDisposable
{
    private readonly List<Caller> _callers = [];

    private CallRoom(NetworkNamespace ns, ServerProcess server) => (Namespace, Server) = (ns, server);

    public NetworkNamespace Namespace { get; }

    public ServerProcess Server { get; }

    /// <summary>The room's page.</summary>
    public static string Url(string name, string query = "", string room = "room") => $"http://localhost:5280/meet/{room}?name={name}&join=now{query}";

    /// <summary>Starts the server.</summary>
    public static async Task<CallRoom> StartAsync(params string[] settings)
    {
        var ns = NetworkNamespace.Create();
        try
        {
            return new CallRoom(ns, await ServerProcess.StartAsync(ns, settings: settings));
        }
        catch
        {
            ns.Dispose();
            throw;
        }
    }

    /// <summary>Lets people in, each with a browser of their own; the browsers start side by side.</summary>
    public async Task<Caller[]> JoinAllAsync(string query, params string[] names) => await Task.WhenAll(names.Select(n => JoinAsync(n, query)));

    /// <summary>Lets one more person in, with a Chromium of their own.</summary>
    /// <param name="name">Their name.</param>
    /// <param name="query">More of the link, such as <c>&amp;ice=relay</c>.</param>
    /// <param name="args">Chromium's flags; null for the usual ones.</param>
    /// <param name="script">A script to run in the page before its own.</param>
    /// <param name="room">Another room than the usual one.</param>
    public async Task<Caller> JoinAsync(string name, string query = "", IEnumerable<string>? args = null, string? script = null, string room = "room")
    {
        var gate = Namespace.Gate();
        var browser = await Chromium.LaunchAsync(Namespace, gate, args ?? Chromium.Usual);
        var context = await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1280, Height = 800 } });
        if (script is not null) await context.AddInitScriptAsync(script);
        return await OpenAsync(name, new ChromiumPage(await context.NewPageAsync(), browser), gate, query, room);
    }

    /// <summary>Lets somebody with an account in.</summary>
    /// <param name="name">Their name, which in lower case is the account's.</param>
    /// <param name="password">Its password.</param>
    /// <param name="script">A script to run in the page before its own.</param>
    public async Task<Caller> SignInAsync(string name, string password, string? script = null)
    {
        var caller = await JoinAsync(name, "&join=later", script: script);
        var page = caller.Page;
        await page.GotoAsync($"http://localhost:5280/meet/room?name={name}");
        await page.ClickAsync("#sign-in summary");
        await page.FillAsync("#account", $"{name.ToLowerInvariant()}@localhost");
        await page.FillAsync("#password", password);
        await page.Keyboard.PressAsync("Enter");
        return caller;
    }

    /// <summary>Opens one more tab of somebody's browser, which shares its profile.</summary>
    public async Task<Caller> JoinFromTabAsync(Caller first, string name) =>
        await OpenAsync(name, new ChromiumPage(await first.Page.Context.NewPageAsync(), null), first.Gate, "");

    /// <summary>Takes a tab that a page opened by itself.</summary>
    public Caller Adopt(Caller first, string name, IPage page) => Add(new Caller(name, new ChromiumPage(page, null), first.Gate));

    /// <summary>Lets one more person in, with Firefox.</summary>
    public async Task<Caller> JoinWithFirefoxAsync(string name)
    {
        var gate = Namespace.Gate();
        return Add(new Caller(name, await FirefoxPage.OpenAsync(Namespace, gate, Url(name)), gate));
    }

    /// <summary>Everything that a failing test wants to show.</summary>
    public string Account() =>
        string.Join("\n\n", _callers.Select(c => $"--- {c.Name}'s console\n{c.Script.Console}").Append("--- server\n" + Server.Command.Text));

    public async ValueTask DisposeAsync()
    {
        foreach (var caller in _callers) await caller.DisposeAsync();
        Server.Dispose();
        Namespace.Dispose();
    }

    private async Task<Caller> OpenAsync(string name, ChromiumPage page, PacketGate gate, string query, string room = "room")
    {
        var caller = Add(new Caller(name, page, gate));
        await page.Page.GotoAsync(Url(name, query, room));
        return caller;
    }

    private Caller Add(Caller caller)
    {
        lock (_callers) _callers.Add(caller);
        return caller;
    }
}
