using System.Diagnostics;

namespace Parley.bench;

/// <summary>Compiles the peers that are written in C, as a program for this very machine would be.</summary>
internal static class CPeer
{
    /// <summary>Compiles <c>bench/peers/NAME.c</c> and returns the program's path.</summary>
    public static string Compile(string name, params string[] libraries)
    {
        var source = Path.Combine("bench", "peers", $"{name}.c");
        if (!File.Exists(source)) throw new InvalidOperationException($"{source} is not here: run ./parley bench at the repository's root");
        var program = Path.Combine(AppContext.BaseDirectory, $"peer-{name}");
        using var gcc = Process.Start("gcc", ["-O3", "-march=native", "-Wall", "-Wextra", "-Werror", "-o", program, source, .. libraries.Select(l => $"-l{l}"), "-lpthread"]);
        gcc.WaitForExit();
        return gcc.ExitCode == 0 ? program : throw new InvalidOperationException($"gcc could not compile {source}");
    }
}
