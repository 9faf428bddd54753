using Microsoft.Extensions.Logging;
using Parley.Media.Core.Recording;

namespace Parley.Media.Relay.Recording;

/// <summary>Finishes the files of a recording that was cut off.</summary>
internal static class RecordingRepair
{
    /// <summary>Goes through a directory.</summary>
    public static IReadOnlyDictionary<string, (long Bytes, TimeSpan Duration)> Run(string directory, ILogger log, CancellationToken ct)
    {
        var found = new SortedDictionary<string, (long, TimeSpan)>(StringComparer.Ordinal);
        foreach (var path in Directory.EnumerateFiles(directory, "*.webm"))
        {
            ct.ThrowIfCancellationRequested();
            try
            {
                using var file = new RecordingFile(path, FileMode.Open);
                var condition = WebmRepair.Run(file, out var durationMs);
                if (condition == WebmCondition.Unusable) log.LogWarning("{File} of a recording that was cut off holds nothing to play", Path.GetFileName(path));
                else found[Path.GetFileName(path)] = (file.Length, TimeSpan.FromMilliseconds(durationMs));
            }
            catch (IOException e)
            {
                log.LogError(e, "{File} of a recording that was cut off cannot be repaired", Path.GetFileName(path));
            }
        }

        return found;
    }
}
