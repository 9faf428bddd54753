using System.Diagnostics;

namespace Parley.Media.Relay.Workers;

/// <summary>The clock of all workers: monotonic, from the process's start.</summary>
internal static class WorkerClock
{
    private static readonly long Origin = Stopwatch.GetTimestamp();

    public static long NowMs => (long)Stopwatch.GetElapsedTime(Origin).TotalMilliseconds;

    public static long NowUs => (long)Stopwatch.GetElapsedTime(Origin).TotalMicroseconds;
}
