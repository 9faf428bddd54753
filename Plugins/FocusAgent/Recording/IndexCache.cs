namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>The indices of recordings as they were read last: a list costs what has changed since. From any thread.</summary>
public sealed class IndexCache
{
    /// <summary>How much of whole indices is kept, in bytes of their files; what every one is about is kept beside.</summary>
    public const long MaxBytes = 16L * 1024 * 1024;

    // A directory that is not there any more is forgotten with the next sweep of as many.
    private const int MaxHeads = 50_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<string, (Stamp Stamp, string Room, DateTimeOffset Start)> _heads = [];
    private readonly Dictionary<string, (Stamp Stamp, RecordingIndex Index)> _whole = [];
    private long _bytes;

    /// <summary>How many files were read.</summary>
    public long Reads { get; private set; }

    /// <summary>What a recording is about; null if there is no index that can be read.</summary>
    public (string Room, DateTimeOffset Start)? Head(string directory)
    {
        if (StampOf(directory) is not { } stamp) return null;
        lock (_gate)
        {
            if (_heads.TryGetValue(directory, out var known) && known.Stamp == stamp) return (known.Room, known.Start);
        }

        return Read(directory) is { } index ? (index.Room, index.Start) : null;
    }

    /// <summary>The index of a recording; null if there is none that can be read.</summary>
    public RecordingIndex? Read(string directory)
    {
        // Taken before the file: one that is written meanwhile is read again.
        if (StampOf(directory) is not { } stamp) return null;
        lock (_gate)
        {
            if (_whole.TryGetValue(directory, out var known) && known.Stamp == stamp) return known.Index;
        }

        var index = RecordingArea.Read(directory);
        lock (_gate)
        {
            Reads++;
            if (index is null) return null;
            if (_heads.Count >= MaxHeads) _heads.Clear();
            _heads[directory] = (stamp, index.Room, index.Start);
            if (_whole.Remove(directory, out var old)) _bytes -= old.Stamp.Length;
            if (stamp.Length > MaxBytes) return index;
            if (_bytes + stamp.Length > MaxBytes)
            {
                _whole.Clear();
                _bytes = 0;
            }

            _whole[directory] = (stamp, index);
            _bytes += stamp.Length;
        }

        return index;
    }

    private static Stamp? StampOf(string directory)
    {
        var file = new FileInfo(Path.Combine(directory, RecordingArea.IndexName));
        return file.Exists ? new(file.LastWriteTimeUtc, file.Length) : null;
    }

    private readonly record struct Stamp(DateTime Written, long Length);
}
