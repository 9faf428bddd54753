using Microsoft.Extensions.Options;
using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Upload;

/// <summary>The addresses of files.</summary>
internal sealed class UploadUrls(IServerInfo server, IOptionsMonitor<UploadOptions> options)
{
    /// <summary>The URL of a file or slot; null while this server has no https.</summary>
    /// <param name="domain">The served domain.</param>
    /// <param name="token">The unguessable part.</param>
    /// <param name="name">The file's name, which stays readable at the end.</param>
    public string? Of(string domain, string token, string name) => BaseOf(domain) is { } root ? $"{root}/{token}/{Uri.EscapeDataString(name)}" : null;

    private string? BaseOf(string domain)
    {
        if (options.CurrentValue.BaseUrl is { Length: > 0 } url) return url.TrimEnd('/');
        return server.HttpsPort switch
        {
            null or 0 => null,
            443 => $"https://{domain}{UploadPlugin.Prefix}",
            var port => $"https://{domain}:{port}{UploadPlugin.Prefix}",
        };
    }
}
