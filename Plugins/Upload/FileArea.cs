using Parley.Plugin.Abstractions;

namespace Parley.Plugins.Upload;

/// <summary>The files on the disk: <c>uploads</c> in the data directory, spread by the first two characters of their keys. What is arriving lies apart until it is whole.</summary>
internal sealed class FileArea
{
    private readonly string _root, _arriving;

    public FileArea(IServerInfo server)
    {
        _root = Path.Combine(server.DataDirectory, "uploads");
        _arriving = Path.Combine(_root, "arriving");
        Make(_root);
        Make(_arriving);
    }

    /// <summary>Where a file lies.</summary>
    public string PathOf(string key) => Path.Combine(_root, key[..2], key);

    /// <summary>A new file to write what arrives.</summary>
    public FileStream Create(out string path)
    {
        path = Path.Combine(_arriving, Guid.NewGuid().ToString("N"));
        var how = new FileStreamOptions { Mode = FileMode.CreateNew, Access = FileAccess.Write, Options = FileOptions.Asynchronous, BufferSize = 0 }; // it is written in large pieces
        if (!OperatingSystem.IsWindows()) how.UnixCreateMode = UnixFileMode.UserRead | UnixFileMode.UserWrite;
        return new FileStream(path, how);
    }

    /// <summary>What has arrived whole takes its place.</summary>
    public void Keep(string arrived, string key)
    {
        Make(Path.Combine(_root, key[..2]));
        File.Move(arrived, PathOf(key), overwrite: true);
    }

    /// <summary>Deletes a file, if it is there.</summary>
    public void Delete(string key) => File.Delete(Existing(PathOf(key)));

    /// <summary>Deletes what had begun to arrive and was left before a time: a server that ended in the midst of it.</summary>
    public void DeleteAbandoned(DateTimeOffset before)
    {
        foreach (var file in Directory.EnumerateFiles(_arriving).Where(f => File.GetLastWriteTimeUtc(f) < before)) File.Delete(file);
    }

    /// <summary>The keys of files in one of the 256 directories that were there before a time.</summary>
    public IEnumerable<string> KeysIn(int part, DateTimeOffset before)
    {
        var directory = Path.Combine(_root, part.ToString("x2", System.Globalization.CultureInfo.InvariantCulture));
        return Directory.Exists(directory)
            ? Directory.EnumerateFiles(directory).Where(f => File.GetLastWriteTimeUtc(f) < before).Select(f => Path.GetFileName(f))
            : [];
    }

    // File.Delete takes a missing file for done, a missing directory for a fault.
    private string Existing(string path) => Directory.Exists(Path.GetDirectoryName(path)) ? path : Path.Combine(_root, "none");

    private static void Make(string directory)
    {
        if (OperatingSystem.IsWindows()) Directory.CreateDirectory(directory);
        else Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }
}
