using System.Collections.Frozen;
using System.Reflection;
using System.Security.Cryptography;

namespace Parley.Plugins.Meet;

/// <summary>A file of the call page.</summary>
internal sealed record WebFile(byte[] Content, string ContentType, string ETag);

/// <summary>The files of the call page, embedded in this assembly: what is not in the list does not exist, whatever a path says.</summary>
internal sealed class WebFiles
{
    private const string Root = "Web/";
    private readonly FrozenDictionary<string, WebFile> _files;

    public WebFiles()
    {
        var assembly = Assembly.GetExecutingAssembly();
        _files = assembly.GetManifestResourceNames()
            .Where(n => n.StartsWith(Root, StringComparison.Ordinal))
            .ToFrozenDictionary(n => n[Root.Length..].Replace('\\', '/'), n => Read(assembly, n), StringComparer.Ordinal);
    }

    /// <summary>A file by its path below <c>Web/</c>; null if there is none.</summary>
    public WebFile? Find(string path) => _files.GetValueOrDefault(path);

    /// <summary>The text of a file that must be there.</summary>
    public string Text(string path) => System.Text.Encoding.UTF8.GetString((Find(path) ?? throw new InvalidOperationException($"The call page lacks {path}.")).Content);

    private static WebFile Read(Assembly assembly, string name)
    {
        using var stream = assembly.GetManifestResourceStream(name)!;
        var content = new byte[stream.Length];
        stream.ReadExactly(content);
        return new WebFile(content, TypeOf(name), $"\"{Convert.ToHexStringLower(SHA256.HashData(content).AsSpan(0, 8))}\"");
    }

    private static string TypeOf(string name) => Path.GetExtension(name) switch
    {
        ".html" => "text/html; charset=utf-8",
        ".css" => "text/css; charset=utf-8",
        ".js" => "text/javascript; charset=utf-8",
        ".svg" => "image/svg+xml",
        _ => "application/octet-stream",
    };
}
