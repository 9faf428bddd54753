namespace Parley.Plugins.Upload;

/// <summary>The section <c>Plugins:Upload</c>. The key <c>Domain</c> is the host's.</summary>
public sealed class UploadOptions
{
    /// <summary>The largest file, in bytes.</summary>
    public long MaxFileBytes { get; set; } = 100 * 1024 * 1024;

    /// <summary>Bytes that one account may upload in 24 hours.</summary>
    public long BytesPerDay { get; set; } = 1024L * 1024 * 1024;

    /// <summary>Files that one account may upload in 24 hours.</summary>
    public int FilesPerDay { get; set; } = 1000;

    /// <summary>Bytes that are kept for one account at once.</summary>
    public long BytesPerAccount { get; set; } = 2L * 1024 * 1024 * 1024;

    /// <summary>Bytes that are kept for all accounts together.</summary>
    public long BytesOfAll { get; set; } = 50L * 1024 * 1024 * 1024;

    /// <summary>How long a file is kept.</summary>
    public TimeSpan Lifetime { get; set; } = TimeSpan.FromDays(30);

    /// <summary>How long after it was given a slot may be used (XEP-0363 section 8 suggests about five minutes).</summary>
    public TimeSpan SlotLifetime { get; set; } = TimeSpan.FromMinutes(5);

    /// <summary>The address that people reach <c>/upload</c> at, where it is not the domain's at the https port: behind a reverse proxy, <c>https://files.example.org/upload</c>.</summary>
    public string? BaseUrl { get; set; }

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(UploadOptions options)
    {
        if (options.MaxFileBytes is < 1024 or > 100L * 1024 * 1024 * 1024) yield return "MaxFileBytes: must be between 1024 and 107374182400.";
        if (options.BytesPerDay < options.MaxFileBytes) yield return "BytesPerDay: must be at least MaxFileBytes.";
        if (options.BytesPerAccount < options.MaxFileBytes) yield return "BytesPerAccount: must be at least MaxFileBytes.";
        if (options.BytesOfAll < options.MaxFileBytes) yield return "BytesOfAll: must be at least MaxFileBytes.";
        if (options.FilesPerDay is < 1 or > 1_000_000) yield return "FilesPerDay: must be between 1 and 1000000.";
        if (options.Lifetime < TimeSpan.FromHours(1) || options.Lifetime > TimeSpan.FromDays(36500)) yield return "Lifetime: must be between 01:00:00 and 36500.00:00:00.";
        if (options.SlotLifetime < TimeSpan.FromSeconds(10) || options.SlotLifetime > TimeSpan.FromDays(1)) yield return "SlotLifetime: must be between 00:00:10 and 1.00:00:00.";
        if (options.BaseUrl is { } url && !(Uri.TryCreate(url, UriKind.Absolute, out var uri) && uri.Scheme is "https" or "http" && uri.Query.Length == 0 && uri.Fragment.Length == 0))
            yield return "BaseUrl: must be an address such as https://files.example.org/upload.";
    }
}
