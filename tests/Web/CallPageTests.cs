using System.Diagnostics;
using Parley.tests.Lab;

namespace Parley.tests.Web;

/// <summary>Runs the checks of the call page, which are JavaScript like the page: see README.md beside this file.</summary>
public sealed class CallPageTests
{
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(5);
    private static readonly Lazy<Task> Tools = new(InstallAsync);

    [Theory]
    [InlineData("types")]
    [InlineData("unit")]
    public async Task The_call_page_passes_its_own_checks(string check)
    {
        await Tools.Value;

        var (code, output) = await RunAsync("npm", "run", "--silent", check);

        Assert.True(code == 0, output);
    }

    [Fact]
    public async Task The_call_page_behaves_in_a_browser()
    {
        await Tools.Value;
        // Media also uses the addresses of interfaces: the browser gets a network of its own.
        using var network = NetworkNamespace.Create();

        var (code, output) = await RunAsync("ip", "netns", "exec", network.Name, "npm", "run", "--silent", "page");

        Assert.True(code == 0, output);
    }

    // The lock file pins what is installed; the marker that npm leaves says that it was.
    private static async Task InstallAsync()
    {
        if (File.Exists(Path.Combine(Folder(), "node_modules", ".package-lock.json"))) return;
        var (code, output) = await RunAsync("npm", "ci");
        Assert.True(code == 0, output);
    }

    private static async Task<(int Code, string Output)> RunAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments)
        {
            WorkingDirectory = Folder(),
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        using var over = new CancellationTokenSource(Patience);
        var output = process.StandardOutput.ReadToEndAsync(over.Token);
        var errors = process.StandardError.ReadToEndAsync(over.Token);
        try
        {
            await process.WaitForExitAsync(over.Token);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            return (-1, $"{program} {string.Join(' ', arguments)} did not end within {Patience}.");
        }
    }

    // From bin/<configuration>/<framework>.
    private static string Folder() => Path.GetFullPath(Path.Combine(AppContext.BaseDirectory, "../../.."));
}
