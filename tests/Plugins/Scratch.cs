namespace Parley.tests.Plugins;

/// <summary>A directory that goes with its test.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("parley-plugins-").FullName;

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
