using System.Globalization;

namespace Parley.bench.Turn;

/// <summary>What another process's threads have run.</summary>
internal static class ThreadTimes
{
    /// <summary>All of them together, in nanoseconds: the first number of a task's schedstat.</summary>
    public static long Of(int process) => Directory.EnumerateDirectories($"/proc/{process}/task")
        .Sum(task => long.Parse(File.ReadAllText(Path.Combine(task, "schedstat")).Split(' ')[0], CultureInfo.InvariantCulture));
}
