using Microsoft.Extensions.Logging;

namespace Parley.Server.Host.Plugins;

/// <summary>Says when an unloaded plugin did not let go.</summary>
internal static class UnloadWatch
{
    /// <summary>Waits until the context is gone.</summary>
    /// <returns>Whether it is.</returns>
    public static async Task<bool> WaitAsync(string plugin, WeakReference context, TimeSpan atMost, ILogger log)
    {
        for (var waited = TimeSpan.Zero; context.IsAlive && waited < atMost; waited += Step)
        {
            // Unloading is cooperative: it ends with a collection that finds nobody left.
            GC.Collect();
            GC.WaitForPendingFinalizers();
            if (context.IsAlive) await Task.Delay(Step);
        }

        if (context.IsAlive) log.LogWarning(410, "The plugin {Plugin} was unloaded but did not let go: something of it is still running or referenced, and its memory stays in use until a restart", plugin);
        else log.LogInformation(411, "The plugin {Plugin} is unloaded", plugin);
        return !context.IsAlive;
    }

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(200);
}
