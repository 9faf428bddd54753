namespace Parley.tests.Media.Core;

/// <summary>Counts what code allocates.</summary>
internal static class Allocations
{
    private const int Tries = 5;

    /// <summary>
    /// Bytes that this thread allocates in <paramref name="work"/>, run a few times after one that warms up. The least counts: when a collection for other tests' sake falls into
    /// a try, the runtime books the unused rest of the thread's own allocation buffer as allocated; what the work itself allocates it allocates in each try.
    /// </summary>
    public static long Least(Action work)
    {
        work();
        var least = long.MaxValue;
        for (var i = 0; i < Tries && least > 0; i++)
        {
            var before = GC.GetAllocatedBytesForCurrentThread();
            work();
            least = Math.Min(least, GC.GetAllocatedBytesForCurrentThread() - before);
        }

        return least;
    }
}
