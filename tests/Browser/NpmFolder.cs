using System.Diagnostics;

namespace Parley.tests.Browser;

/// <summary>A folder beside these tests whose lock file pins other people's packages; they are put in place once.</summary>
internal static class NpmFolder
{
    /// <summary>Finds a folder and installs what its lock file says, if that was not done before.</summary>
    /// <returns>Its path.</returns>
    public static async Task<string> InstallAsync(string name)
    {
        var folder = Find(name);
        if (!File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))) await RunAsync(folder, "ci");
        return folder;
    }

    /// <summary>Runs npm there.</summary>
    public static async Task RunAsync(string folder, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo("npm", args) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var output = process.StandardOutput.ReadToEndAsync(over.Token);
        var errors = process.StandardError.ReadToEndAsync(over.Token);
        await process.WaitForExitAsync(over.Token);
        Assert.True(process.ExitCode == 0, await output + await errors);
    }

    private static string Find(string name)
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "tests", "Browser", name);
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException($"tests/Browser/{name} is not above {AppContext.BaseDirectory}");
    }
}
