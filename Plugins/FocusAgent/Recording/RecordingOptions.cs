namespace Parley.Plugins.FocusAgent.Recording;

/// <summary>The section <c>Plugins:FocusAgent:Recording</c>.</summary>
public sealed class RecordingOptions
{
    private const long MiB = 1024 * 1024;

    /// <summary>Whether calls can be recorded at all.</summary>
    public bool Enabled { get; set; }

    /// <summary>Where recordings are kept; below the data directory unless absolute.</summary>
    public string Directory { get; set; } = "recordings";

    /// <summary>Rooms that are recorded whenever somebody is in them: names, addresses, or <c>*</c> for all.</summary>
    public IReadOnlyList<string> Rooms { get; set; } = [];

    /// <summary>Whether pictures are recorded, and not only sound.</summary>
    public bool Video { get; set; } = true;

    /// <summary>Whether there is also a file of what everybody says, mixed.</summary>
    public bool Mix { get; set; }

    /// <summary>Whether that file has everybody in one picture too; it is made then whatever <see cref="Mix"/> says.</summary>
    public bool MixVideo { get; set; }

    /// <summary>Whether the index tells people's addresses beside their names.</summary>
    public bool Addresses { get; set; }

    /// <summary>What all recordings may take, in bytes; beyond it none begins, and those that run end.</summary>
    public long StorageLimit { get; set; } = 50 * 1024 * MiB;

    /// <summary>What must stay free on the disk, in bytes.</summary>
    public long MinFree { get; set; } = 1024 * MiB;

    /// <summary>How long a recording is kept after its end; then it is deleted.</summary>
    public TimeSpan Retention { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long a link to a room's recordings is good.</summary>
    public TimeSpan LinkLifetime { get; set; } = TimeSpan.FromHours(24);

    /// <summary>The address that people reach <c>/recordings</c> at, where it is not the domain's at the https port.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>The faults of the section.</summary>
    public static IEnumerable<string> Validate(RecordingOptions options)
    {
        if (options.Directory.Trim().Length == 0) yield return "Recording:Directory: must be a directory, such as recordings or /srv/recordings";
        foreach (var room in options.Rooms.Where(r => r.Trim().Length == 0)) yield return $"Recording:Rooms: '{room}' must be a room's name or address, or *";
        if (options.StorageLimit < 16 * MiB) yield return "Recording:StorageLimit: must be at least 16777216 (bytes)";
        if (options.MinFree < 0) yield return "Recording:MinFree: must be 0 or more (bytes)";
        if (options.Retention < TimeSpan.FromMinutes(1) || options.Retention > TimeSpan.FromDays(36500)) yield return "Recording:Retention: must be 00:01:00 to 36500.00:00:00";
        if (options.LinkLifetime < TimeSpan.FromMinutes(1) || options.LinkLifetime > TimeSpan.FromDays(365)) yield return "Recording:LinkLifetime: must be 00:01:00 to 365.00:00:00";
        if (options.BaseUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.Query.Length == 0 && uri.Fragment.Length == 0))
            yield return "Recording:BaseUrl: must be an address such as https://example.org/recordings";
    }
}
