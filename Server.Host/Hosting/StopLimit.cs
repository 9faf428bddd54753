using System.Runtime.InteropServices;

namespace Parley.Server.Host.Hosting;

/// <summary>
/// Ends the process when stopping takes too long. Each part of the stop has a time of its own, but what blocks a thread heeds none, and on a busy machine timers are late; this
/// is a thread that only sleeps, which neither can keep.
/// </summary>
internal static class StopLimit
{
    /// <summary>How long from the signal on; what is promised is 5 s, the process's own end among them.</summary>
    public static readonly TimeSpan Time = TimeSpan.FromSeconds(4.7);

    private static int _isStarted;

    /// <summary>Begins to count, once.</summary>
    /// <param name="exitCode">The process's exit code where it is ended so.</param>
    public static void Start(int exitCode)
    {
        if (Interlocked.Exchange(ref _isStarted, 1) == 1) return;
        new Thread(() => End(exitCode)) { IsBackground = true, Name = "stop-limit" }.Start();
    }

    private static void End(int exitCode)
    {
        Thread.Sleep(Time);
        // Acknowledged writes are on the disk whenever the process ends, so nothing is lost that anybody was told of.
        Console.Error.WriteLine($"Something did not stop within {Time.TotalSeconds:0.#} s; ending all the same.");
        Exit(exitCode);
    }

    // Environment.Exit runs handlers first, some of which wait for threads that a starved process has none of (seen with 1,000 blocked work items). The system call waits for
    // nothing. It is found at run time rather than imported: this program has no other native call, and none of the relay's is at hand where media is off.
    private static void Exit(int code)
    {
        if (!OperatingSystem.IsWindows() && NativeLibrary.TryGetExport(NativeLibrary.GetMainProgramHandle(), "_exit", out var address)) Marshal.GetDelegateForFunctionPointer<SystemExit>(address)(code);
        Environment.Exit(code);
    }

    [UnmanagedFunctionPointer(CallingConvention.Cdecl)]
    private delegate void SystemExit(int status);
}
