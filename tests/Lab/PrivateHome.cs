namespace Parley.tests.Lab;

/// <summary>A person's home on a machine of a test's own: what a program keeps, finds and logs there is nobody else's, and gone with it.</summary>
public sealed class PrivateHome : IDisposable
{
    /// <summary>Where it is.</summary>
    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("parley-home-").FullName;

    /// <summary>Makes one.</summary>
    /// <param name="owner">The number of the account of this machine that it belongs to, for programs that refuse root; null: whoever runs the tests.</param>
    public PrivateHome(string? owner = null)
    {
        // Programs refuse a runtime directory that others may enter.
        foreach (var folder in new[] { ".config", ".local/share", ".cache", "run" }) System.IO.Directory.CreateDirectory(At(folder), UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        Owner = owner;
    }

    /// <summary>Whose it is; null: whoever runs the tests.</summary>
    public string? Owner { get; }

    /// <summary>A path inside.</summary>
    public string At(string path) => Path.Combine(Directory, path);

    /// <summary>Writes a file, and the folders that it is in.</summary>
    public string Write(string path, string content)
    {
        System.IO.Directory.CreateDirectory(Path.GetDirectoryName(At(path))!);
        File.WriteAllText(At(path), content);
        return At(path);
    }

    /// <summary>
    /// The words that start a program here (after <c>env</c>): an environment that has nothing of the one that runs the tests, and a D-Bus session that ends with the program.
    /// </summary>
    /// <param name="program">What to run, with its arguments.</param>
    /// <param name="variables">More of the environment, as <c>NAME=value</c>.</param>
    public IEnumerable<string> Words(IEnumerable<string> program, params string[] variables) => [.. Environment, .. variables, .. User, "dbus-run-session", "--", .. program];

    /// <summary>The same for a program that joins the D-Bus session of another.</summary>
    /// <param name="bus">The session's address.</param>
    /// <param name="program">What to run, with its arguments.</param>
    public IEnumerable<string> WordsWithin(string bus, IEnumerable<string> program) => [.. Environment, "DBUS_SESSION_BUS_ADDRESS=" + bus, .. User, .. program];

    /// <summary>Gives everything inside to the owner, once all is written.</summary>
    public void HandOver()
    {
        if (Owner is not null) Shell.Run("chown", "-R", $"{Owner}:{Owner}", Directory);
    }

    private IEnumerable<string> Environment =>
    [
        "-i", "PATH=/usr/bin:/bin:/usr/sbin:/sbin", "LANG=C.UTF-8", "HOME=" + Directory, "XDG_RUNTIME_DIR=" + At("run"), "XDG_CONFIG_HOME=" + At(".config"), "XDG_DATA_HOME=" + At(".local/share"),
        "XDG_CACHE_HOME=" + At(".cache"),
    ];

    private IEnumerable<string> User => Owner is null ? [] : ["setpriv", "--reuid=" + Owner, "--regid=" + Owner, "--clear-groups"];

    public void Dispose() => System.IO.Directory.Delete(Directory, recursive: true);
}
