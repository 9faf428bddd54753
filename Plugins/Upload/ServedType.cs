using System.Net.Http.Headers;

namespace Parley.Plugins.Upload;

/// <summary>How a file is shown to a browser: what cannot act shows itself, everything else is only saved.</summary>
internal static class ServedType
{
    private const string Unknown = "application/octet-stream";

    /// <summary>The content type to serve, and whether a browser may show it in place.</summary>
    public static (string ContentType, bool IsInline) Of(string? type)
    {
        if (type is null || !MediaTypeHeaderValue.TryParse(type, out var parsed) || parsed.MediaType is not { } media) return (Unknown, false);
        var name = media.ToLowerInvariant();
        if (name == "text/plain") return ("text/plain; charset=" + (parsed.CharSet?.Trim('"') is { Length: > 0 and < 30 } charset && charset.All(c => char.IsAsciiLetterOrDigit(c) || c is '-' or '_') ? charset : "utf-8"), true);
        // An image in XML can hold scripts.
        var isMedia = name.StartsWith("image/", StringComparison.Ordinal) || name.StartsWith("audio/", StringComparison.Ordinal) || name.StartsWith("video/", StringComparison.Ordinal);
        if (isMedia && !name.Contains("svg", StringComparison.Ordinal) && !name.Contains("xml", StringComparison.Ordinal)) return (name, true);
        return (name.StartsWith("text/", StringComparison.Ordinal) || name.Contains("html", StringComparison.Ordinal) || name.Contains("script", StringComparison.Ordinal) ? Unknown : name, false);
    }
}
