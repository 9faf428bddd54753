using System.Diagnostics;

namespace Parley.tests.Lab;

/// <summary>What a finished command said.</summary>
public sealed record CommandResult(int ExitCode, string Output, string Error)
{
    public string All => Output + Error;
}

/// <summary>Runs commands to their end.</summary>
public static class Shell
{
    /// <summary>Runs a command that must succeed.</summary>
    public static CommandResult Run(string file, params string[] args)
    {
        var result = TryRun(TimeSpan.FromSeconds(30), file, args);
        return result.ExitCode == 0 ? result : throw new InvalidOperationException($"{file} {string.Join(' ', args)} ended with {result.ExitCode}: {result.All}");
    }

    /// <summary>Runs a command; past the limit it is killed and -1 is its exit code.</summary>
    public static CommandResult TryRun(TimeSpan limit, string file, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = true })!;
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        if (!process.WaitForExit(limit))
        {
            process.Kill(entireProcessTree: true);
            process.WaitForExit();
            return new CommandResult(-1, output.Result, error.Result + "\n(killed: over its time)");
        }

        return new CommandResult(process.ExitCode, output.Result, error.Result);
    }
}
