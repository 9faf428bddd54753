using System.Diagnostics;
using System.Text.Json;

namespace Parley.tests.Lab;

/// <summary>The third-party clients of tests/Wire/clients/xmppjs, which run on Node.js: what its lock file pins is put in place once.</summary>
public static class NodeClient
{
    private static readonly Lazy<Task<string>> Installed = new(InstallAsync);

    /// <summary>Runs a client to its end and reads the JSON that it prints.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="certificate">The certificate that it trusts.</param>
    /// <param name="client">The script's name.</param>
    /// <param name="args">What it is told.</param>
    public static async Task<JsonElement> RunAsync(NetworkNamespace ns, string certificate, string client, params string[] args)
    {
        var folder = await Installed.Value;
        var result = ns.Run(TimeSpan.FromSeconds(60), "env", ["NODE_EXTRA_CA_CERTS=" + certificate, "node", Path.Combine(folder, client + ".js"), .. args]);
        Assert.True(result.ExitCode == 0, result.All);
        return JsonDocument.Parse(result.Output).RootElement;
    }

    private static async Task<string> InstallAsync()
    {
        var folder = Folder();
        if (File.Exists(Path.Combine(folder, "node_modules", ".package-lock.json"))) return folder;
        using var process = Process.Start(new ProcessStartInfo("npm", ["ci", "--no-audit", "--no-fund"]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        using var over = new CancellationTokenSource(TimeSpan.FromMinutes(3));
        var (output, errors) = (process.StandardOutput.ReadToEndAsync(over.Token), process.StandardError.ReadToEndAsync(over.Token));
        await process.WaitForExitAsync(over.Token);
        Assert.True(process.ExitCode == 0, await output + await errors);
        return folder;
    }

    private static string Folder()
    {
        for (var at = new DirectoryInfo(AppContext.BaseDirectory); at is not null; at = at.Parent)
        {
            var folder = Path.Combine(at.FullName, "tests", "Wire", "clients", "xmppjs");
            if (Directory.Exists(folder)) return folder;
        }

        throw new DirectoryNotFoundException("tests/Wire/clients/xmppjs is not above " + AppContext.BaseDirectory);
    }
}
