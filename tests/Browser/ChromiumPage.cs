using System.Text;
using System.Text.Json;
using Microsoft.Playwright;

namespace Parley.tests.Browser;

/// <summary>A tab of Chromium, driven by Playwright.</summary>
internal sealed class ChromiumPage : IPageScript
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(15);
    private readonly StringBuilder _console = new();
    private readonly IBrowser? _owned;

    /// <summary>Listens to a page.</summary>
    /// <param name="page">The page.</param>
    /// <param name="owned">The browser that ends with this page; null where the page is one of several tabs.</param>
    public ChromiumPage(IPage page, IBrowser? owned)
    {
        (Page, _owned) = (page, owned);
        page.Console += (_, m) => Note(m.Text);
        page.PageError += (_, e) => Note("ERROR " + e);
        page.Crash += (_, _) => Note("CRASH");
    }

    public IPage Page { get; }

    public string Console
    {
        get
        {
            lock (_console) return _console.ToString();
        }
    }

    // Playwright waits for ever where a page never answers.
    public async Task<JsonElement> EvaluateAsync(string expression) =>
        JsonDocument.Parse(await Page.EvaluateAsync<string>($"Promise.resolve({expression}).then((v) => JSON.stringify(v ?? null))").WaitAsync(Patience)).RootElement;

    public async ValueTask DisposeAsync()
    {
        try
        {
            if (_owned is { } browser) await browser.CloseAsync();
            else await Page.CloseAsync();
        }
        catch (PlaywrightException)
        {
            // Killed by the test.
        }
    }

    private void Note(string line)
    {
        lock (_console) _console.Append(line).Append('\n');
    }
}
