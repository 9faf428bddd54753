using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Upload;

/// <summary>What <c>./parley status</c> shows of uploads.</summary>
internal sealed class UploadStatus(UploadUse use) : IStatusSource
{
    /// <inheritdoc/>
    public string Name => "uploads";

    /// <inheritdoc/>
    public IReadOnlyDictionary<string, object?> Read() => new Dictionary<string, object?>
    {
        ["files"] = use.Files,
        ["bytes"] = use.Bytes,
        ["received"] = use.Received,
        ["refused"] = use.Refused,
        ["broken"] = use.Broken,
    };
}
