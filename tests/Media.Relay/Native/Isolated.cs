using Parley.tests.Lab;

namespace Parley.tests.Media.Relay.Native;

/// <summary>Runs an explicit test of this assembly once more by itself, where the machine looks different.</summary>
internal static class Isolated
{
    /// <summary>Runs it behind commands of a shell in namespaces of its own (util-linux's unshare); skips the calling test without root, as others may not make them.</summary>
    public static void Run(string unshare, string prepare, string test)
    {
        Assert.SkipUnless(Environment.UserName == "root", "needs root, for a namespace of its own");
        var assembly = typeof(Isolated).Assembly.Location;
        var result = Shell.TryRun(TimeSpan.FromSeconds(90), "unshare", unshare, "sh", "-c", $"set -e; {prepare}; exec dotnet '{assembly}' -explicit only -method '*.{test}' -noColor");
        Assert.True(result.ExitCode == 0 && result.All.Contains("Total: 1,", StringComparison.Ordinal), result.All);
    }
}
