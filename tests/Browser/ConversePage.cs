using System.Diagnostics;
using Microsoft.Playwright;
using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>converse.js as it is published (folder <c>converse</c>), in a Chromium of its own, used by its buttons and fields.</summary>
internal sealed class ConversePage : IAsyncDisposable
{
    private const string Site = "http://localhost:8080/page.html";
    internal const float Patience = 20_000;
    private readonly ChromiumPage _page;
    private readonly DirectoryInfo _site;
    private readonly string _url;

    private ConversePage(ChromiumPage page, DirectoryInfo site, string url) => (_page, _site, _url) = (page, site, url);

    /// <summary>The page.</summary>
    public IPage Page => _page.Page;

    /// <summary>What it printed: each stanza either way, and its complaints.</summary>
    public string Console => _page.Console;

    /// <summary>Opens the page in a browser of its own.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="way"><c>websocket</c> or <c>bosh</c>.</param>
    public static async Task<ConversePage> OpenAsync(NetworkNamespace ns, string way)
    {
        var folder = await NpmFolder.InstallAsync("converse");
        // A web server of its own: what Playwright serves comes from no address, and Chromium keeps such a page from loopback.
        var site = Directory.CreateTempSubdirectory("parley-converse-");
        File.Copy(Path.Combine(folder, "page.html"), Path.Combine(site.FullName, "page.html"));
        foreach (var part in new DirectoryInfo(Path.Combine(folder, "node_modules", "converse.js", "dist")).GetFileSystemInfos()) File.CreateSymbolicLink(Path.Combine(site.FullName, part.Name), part.FullName);
        var web = ns.Start("/usr/bin/python3", ["-u", "-m", "http.server", "8080", "--bind", "127.0.0.1", "--directory", site.FullName]);
        await web.WaitForAsync("^Serving HTTP", TimeSpan.FromSeconds(15));
        var browser = await Chromium.LaunchAsync(ns, ns.Gate(), ["--ignore-certificate-errors"]);
        var page = await (await browser.NewContextAsync(new BrowserNewContextOptions { ViewportSize = new ViewportSize { Width = 1200, Height = 800 } })).NewPageAsync();
        page.SetDefaultTimeout(Patience);
        var converse = new ConversePage(new ChromiumPage(page, browser), site, $"{Site}?{way}");
        await page.GotoAsync(converse._url);
        return converse;
    }

    /// <summary>Logs in by the form.</summary>
    public async Task LogInAsync(string jid, string password)
    {
        await Page.FillAsync("input[name=jid]", jid);
        await Page.FillAsync("input[name=password]", password);
        await Page.ClickAsync("#converse-login button[type=submit]");
        await Page.WaitForSelectorAsync(".userinfo .show-profile");
    }

    /// <summary>Logs out by the account's dialog, and opens the page anew.</summary>
    public async Task LogOutAsync()
    {
        await Page.ClickAsync(".userinfo .show-profile");
        await Page.ClickAsync("converse-profile-modal .modal-footer .btn-danger");
        await Page.ClickAsync("converse-confirm-modal button[type=submit]");
        await Page.WaitForSelectorAsync("input[name=jid]");
        // The form is there before the account is forgotten: opened anew meanwhile, it would log in by itself.
        await Page.WaitForFunctionAsync("localStorage.getItem('conversejs-session-jid') === null");
        // Without this converse.js tries to enter its rooms before it is back, and then never again.
        await Page.GotoAsync(_url);
    }

    /// <summary>Opens the conversation with a contact.</summary>
    public async Task<ConverseChat> OpenChatAsync(string jid)
    {
        await Page.Locator($".open-chat[data-jid='{jid}']").First.ClickAsync();
        return new ConverseChat(Page.Locator($"converse-chat[jid='{jid}']"));
    }

    /// <summary>Opens a room that it is in.</summary>
    public async Task<ConverseChat> OpenRoomAsync(string jid)
    {
        await Page.Locator($".open-room[data-room-jid='{jid}']").First.ClickAsync();
        return new ConverseChat(Page.Locator($"converse-muc[jid='{jid}']"));
    }

    /// <summary>Gives the account a picture by its dialog.</summary>
    public async Task SetAvatarAsync(byte[] png)
    {
        await Page.ClickAsync(".userinfo .show-profile");
        await Page.SetInputFilesAsync("converse-profile-modal input[name=avatar_image]", new FilePayload { Name = "me.png", MimeType = "image/png", Buffer = png });
        await Page.WaitForSelectorAsync("converse-profile-modal converse-image-picker img, converse-profile-modal converse-image-picker .avatar[style*='url'], converse-profile-modal converse-image-picker svg image");
        await Page.ClickAsync("converse-profile-modal .save-form");
    }

    public async ValueTask DisposeAsync()
    {
        await _page.DisposeAsync();
        _site.Delete(recursive: true);
    }
}

/// <summary>A conversation on the page.</summary>
internal sealed class ConverseChat(ILocator box)
{
    private ILocator Texts => box.Locator(".chat-msg__content .chat-msg__text");

    /// <summary>Types a message and sends it.</summary>
    public async Task SayAsync(string text)
    {
        await box.Locator("textarea.chat-textarea").FillAsync(text);
        await box.Locator("textarea.chat-textarea").PressAsync("Enter");
    }

    /// <summary>Sends a file by the paper clip.</summary>
    public Task SendFileAsync(string name, string type, byte[] content) =>
        box.Locator("input.fileupload").SetInputFilesAsync(new FilePayload { Name = name, MimeType = type, Buffer = content });

    /// <summary>Waits until a text is to be seen.</summary>
    public Task HasAsync(string text) => Texts.GetByText(text, new LocatorGetByTextOptions { Exact = true }).First.WaitForAsync();

    /// <summary>Waits for a picture to be loaded, and tells where from.</summary>
    public async Task<string?> PictureAsync()
    {
        var picture = box.Locator(".chat-msg__media img, .chat-msg__text img").Last;
        await picture.WaitForAsync();
        Assert.True(await picture.EvaluateAsync<bool>("async (i) => { await i.decode(); return i.naturalWidth > 0; }"));
        return await picture.GetAttributeAsync("src");
    }

    /// <summary>Waits until exactly this is to be seen, oldest first: <c>me</c> or <c>them</c>, and the text. converse.js draws one after another, and sorts what comes late.</summary>
    public async Task ShowsAsync(params string[] expected)
    {
        var patience = Stopwatch.StartNew();
        IReadOnlyList<string> seen;
        while (!(seen = await MessagesAsync()).SequenceEqual(expected) && patience.ElapsedMilliseconds < ConversePage.Patience) await Task.Delay(100);
        Assert.Equal(expected, seen);
    }

    private async Task<IReadOnlyList<string>> MessagesAsync() =>
        await box.EvaluateAsync<string[]>("(b) => [...b.querySelectorAll('.chat-msg__content')].map((c) => `${c.classList.contains('chat-msg__content--me') ? 'me' : 'them'}: ${c.querySelector('.chat-msg__text')?.innerText.trim()}`)");
}
