using System.Diagnostics;

namespace Parley.tests.Browser;

/// <summary>The page of a one-to-one Jingle caller (folder <c>jingle</c>), bundled once a run from what its lock file pins.</summary>
internal static class JingleTools
{
    /// <summary>Where the page is: no server is there, Playwright answers itself. A loopback name, so that the browser gives camera and microphone.</summary>
    public const string Url = "http://localhost/";

    private static readonly Lazy<Task<string>> Bundled = new(BundleAsync);

    /// <summary>The page, script and all.</summary>
    public static async Task<string> PageAsync() => $"<!doctype html><meta charset=utf-8><title>Jingle</title><script>{(await Bundled.Value).Replace("</script", "<\\/script", StringComparison.Ordinal)}</script>";

    private static async Task<string> BundleAsync()
    {
        var folder = Folder();
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))) await RunAsync(folder, "ci");
        await RunAsync(folder, "run", "--silent", "bundle");
        return await File.ReadAllTextAsync(Path.Combine(folder, "bin", "caller.js"));
    }

    private static async Task RunAsync(string folder, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("npm", args) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(over.Token);
        var errors = process.StandardError.ReadToEndAsync(over.Token);
        await process.WaitForExitAsync(over.Token);
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    private static string Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "tests", "Browser", "jingle");
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException("tests/Browser/jingle is not above " + AppContext.BaseDirectory);
    }
}
