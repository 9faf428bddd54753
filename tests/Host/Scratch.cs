namespace Parley.tests.Host;

/// <summary>A directory that goes with the test.</summary>
internal sealed class Scratch : IDisposable
{
    public string Path { get; } = Directory.CreateTempSubdirectory("parley-host-").FullName;

    public string Write(string name, string text)
    {
        var path = System.IO.Path.Combine(Path, name);
        Directory.CreateDirectory(System.IO.Path.GetDirectoryName(path)!);
        File.WriteAllText(path, text);
        return path;
    }

    /// <summary>Drops the tests' plugin into the plugins of a data directory here.</summary>
    public string DropIn(string data = "data", string name = "DropIn")
    {
        var directory = Directory.CreateDirectory(System.IO.Path.Combine(Path, data, "plugins", name)).FullName;
        var path = System.IO.Path.Combine(directory, name + ".dll");
        File.Copy(Repository.DropIn, path, overwrite: true);
        return path;
    }

    public void Dispose() => Directory.Delete(Path, recursive: true);
}
