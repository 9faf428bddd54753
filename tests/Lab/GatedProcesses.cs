using System.Globalization;
using System.Runtime.InteropServices;

namespace Parley.tests.Lab;

/// <summary>The processes of one program and its children, found by the group id that their gate gave them.</summary>
internal static partial class GatedProcesses
{
    private const int SigKill = 9;

    /// <summary>Kills all of them at once, so that none can say goodbye for another.</summary>
    public static int Kill(int group)
    {
        var pids = Find(group);
        foreach (var pid in pids) _ = KillProcess(pid, SigKill);
        return pids.Count;
    }

    private static List<int> Find(int group)
    {
        var found = new List<int>();
        var wanted = group.ToString(CultureInfo.InvariantCulture);
        foreach (var folder in Directory.GetDirectories("/proc"))
        {
            if (!int.TryParse(Path.GetFileName(folder), NumberStyles.None, CultureInfo.InvariantCulture, out var pid)) continue;
            try
            {
                // "Gid:" with the real, effective, saved and file system ids.
                var line = File.ReadLines(Path.Combine(folder, "status")).FirstOrDefault(l => l.StartsWith("Gid:", StringComparison.Ordinal));
                if (line?.Split('\t', StringSplitOptions.RemoveEmptyEntries) is [_, _, var effective, ..] && effective == wanted) found.Add(pid);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                // Ended meanwhile.
            }
        }

        return found;
    }

    [LibraryImport("libc", EntryPoint = "kill", SetLastError = true)]
    private static partial int KillProcess(int pid, int signal);
}
