namespace Parley.Plugins.PrivateXml;

/// <summary>The section <c>Plugins:PrivateXml</c>.</summary>
public sealed class PrivateXmlOptions
{
    /// <summary>The most documents of one account.</summary>
    public int MaxDocuments { get; set; } = 100;

    /// <summary>The largest document, in bytes of UTF-8.</summary>
    public int MaxBytes { get; set; } = 64 * 1024;

    /// <summary>Finds faults.</summary>
    public static IEnumerable<string> Validate(PrivateXmlOptions options)
    {
        if (options.MaxDocuments is < 1 or > 10_000) yield return "MaxDocuments: must be between 1 and 10000";
        if (options.MaxBytes is < 1024 or > 8 * 1024 * 1024) yield return "MaxBytes: must be between 1024 and 8388608";
    }
}
