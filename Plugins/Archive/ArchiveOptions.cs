namespace Parley.Plugins.Archive;

/// <summary>Which messages an account keeps where it has not said so itself (XEP-0441 section 2.1.1).</summary>
public enum ArchiveDefault
{
    /// <summary>All.</summary>
    Always,
    /// <summary>Those with contacts.</summary>
    Roster,
    /// <summary>None.</summary>
    Never,
}

/// <summary>The section <c>Plugins:Archive</c>.</summary>
public sealed class ArchiveOptions
{
    /// <summary>What accounts keep that have not said so.</summary>
    public ArchiveDefault Default { get; set; } = ArchiveDefault.Always;

    /// <summary>For how long messages are kept; null: for ever.</summary>
    public TimeSpan? Retention { get; set; } = TimeSpan.FromDays(365);

    /// <summary>The most messages that are kept for one account or room; null: no limit.</summary>
    public long? MaxMessages { get; set; }

    /// <summary>The most bytes of messages that are kept for one account or room; null: no limit.</summary>
    public long? MaxBytes { get; set; } = 1024 * 1024 * 1024;

    /// <summary>The most messages of one answer.</summary>
    public int MaxMessagesPerQuery { get; set; } = 250;

    /// <summary>The most addresses in each list of an account's preferences.</summary>
    public int MaxPreferences { get; set; } = 500;

    internal static IEnumerable<string> Validate(ArchiveOptions options)
    {
        if (options.Retention is { } kept && kept < TimeSpan.FromDays(1)) yield return "Retention: must be at least a day, or null for ever: what is sent again is known by the archive.";
        if (options.MaxMessages is < 100) yield return "MaxMessages: must be at least 100, or null for no limit.";
        if (options.MaxBytes is < 1024 * 1024) yield return "MaxBytes: must be at least 1048576, or null for no limit.";
        if (options.MaxMessagesPerQuery is < 1 or > 10_000) yield return "MaxMessagesPerQuery: must be between 1 and 10000.";
        if (options.MaxPreferences is < 0 or > 10_000) yield return "MaxPreferences: must be between 0 and 10000.";
    }
}
