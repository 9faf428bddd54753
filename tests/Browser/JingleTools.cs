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
        var folder = await NpmFolder.InstallAsync("jingle");
        await NpmFolder.RunAsync(folder, "run", "--silent", "bundle");
        return await File.ReadAllTextAsync(Path.Combine(folder, "bin", "caller.js"));
    }
}
