namespace Parley.tests.Host;

/// <summary>Where things lie in the working copy that these tests were built from.</summary>
internal static class Repository
{
    private static readonly string Output = Path.TrimEndingDirectorySeparator(AppContext.BaseDirectory);

    /// <summary>Debug or Release.</summary>
    public static string Configuration { get; } = Path.GetFileName(Path.GetDirectoryName(Output)!);

    /// <summary>The root of the working copy.</summary>
    public static string Root { get; } = Path.GetFullPath(Path.Combine(Output, "../../../../.."));

    /// <summary>The drop-in plugin that these tests bring along.</summary>
    public static string DropIn { get; } = Path.GetFullPath(Path.Combine(Output, "../../../DropIn/bin", Configuration, Path.GetFileName(Output), "DropIn.dll"));

    /// <summary>The built program.</summary>
    public static string Program { get; } = Path.Combine(Output, "Parley.Server.Host.dll");

    /// <summary>The sources of the product: no tests, samples or what a build made.</summary>
    public static IEnumerable<string> Sources() => Directory.EnumerateFiles(Root, "*.cs", SearchOption.AllDirectories)
        .Where(f => Path.GetRelativePath(Root, f).Split('/') is var parts && parts[0] is not ("tests" or "samples" or "artifacts" or "data") && !parts.Contains("obj") && !parts.Contains("bin") && !parts.Contains("node_modules"));
}
