namespace Parley.Media.Relay.Native;

/// <summary>How much of a processor a thread has used.</summary>
public static unsafe class ThreadClock
{
    /// <summary>This thread's CPU time in nanoseconds, the kernel's work on its behalf included.</summary>
    public static long CpuNanoseconds
    {
        get
        {
            var time = stackalloc long[2]; // struct timespec
            return Libc.GetClock(Libc.ThreadCpuClock, time) == 0 ? (time[0] * 1_000_000_000) + time[1] : throw SystemCallException.Last("clock_gettime");
        }
    }
}
