using System.Diagnostics;

namespace Parley.tests.Lab;

/// <summary>Debian's PostgreSQL on a cluster of its own, in a directory that goes with it, at a Unix socket. It ends with the process that started it, however that ends.</summary>
public sealed class PostgreSqlCluster : IDisposable
{
    private const string Root = "/usr/lib/postgresql";
    private static readonly Lazy<PostgreSqlCluster> OfThisRun = new(() =>
    {
        var cluster = new PostgreSqlCluster();
        AppDomain.CurrentDomain.ProcessExit += (_, _) => cluster.Dispose();
        return cluster;
    });

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("parley-pg-");
    private readonly string _binaries;
    private Process _server;
    private int _databases;

    /// <summary>Makes a cluster and starts it.</summary>
    public PostgreSqlCluster()
    {
        var versions = Directory.Exists(Root) ? Directory.GetDirectories(Root) : [];
        _binaries = versions.Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb"))).MaxBy(b => b, StringComparer.Ordinal)
            ?? throw new InvalidOperationException("PostgreSQL is not installed; tests/setup installs it.");
        if (Environment.UserName == "root") Run("chown", "postgres", _directory.FullName);
        AsOwner(Path.Combine(_binaries, "initdb"), "-D", Data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync");
        _server = Start();
    }

    /// <summary>The cluster that all tests of a process share.</summary>
    public static PostgreSqlCluster Shared => OfThisRun.Value;

    private static string[] Owner => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["env"];

    private string Data => Path.Combine(_directory.FullName, "data");

    /// <summary>Makes what is as good as an empty database and costs a hundredth of it: a schema of its own.</summary>
    /// <returns>Its connection string.</returns>
    public string MakeDatabase()
    {
        var name = $"parley{Interlocked.Increment(ref _databases)}";
        Ask($"CREATE SCHEMA {name}");
        return $"{ConnectionString("postgres")};Search Path={name}";
    }

    /// <summary>Makes a database with options such as <c>ENCODING 'LATIN1'</c>.</summary>
    public string MakeDatabase(string options)
    {
        var name = $"parley{Interlocked.Increment(ref _databases)}";
        Ask($"CREATE DATABASE {name} TEMPLATE template0 {options}");
        return ConnectionString(name);
    }

    /// <summary>The connection string of a database, whether or not there is one.</summary>
    public string ConnectionString(string database) => $"Host={_directory.FullName};Username=postgres;Database={database}";

    /// <summary>Stops the server at once, as a crash would; <see cref="StartAgain"/> brings it back.</summary>
    public void Stop()
    {
        AsOwner(Path.Combine(_binaries, "pg_ctl"), "-D", Data, "-m", "immediate", "-W", "stop");
        _server.WaitForExit();
        _server.Dispose();
    }

    /// <summary>Starts it on what it had.</summary>
    public void StartAgain() => _server = Start();

    public void Dispose()
    {
        // The shell that holds the server ends it when its input ends.
        _server.StandardInput.Close();
        if (!_server.WaitForExit(TimeSpan.FromSeconds(10))) _server.Kill(entireProcessTree: true);
        _server.Dispose();
        _directory.Refresh();
        if (_directory.Exists) _directory.Delete(recursive: true);
    }

    // Flushes are left out: what a killed process wrote survives it anyhow, and nobody pulls the plug.
    private Process Start()
    {
        const string script = """
            exec 3<&0
            "$1" -D "$2" -k "$3" -c listen_addresses= -c fsync=off -c max_connections=300 </dev/null 3<&- >>"$2/log" 2>&1 &
            server=$!
            (cat >/dev/null; kill -QUIT $server) <&3 3<&- 2>/dev/null &
            holder=$!
            exec 3<&-
            wait $server
            kill $holder 2>/dev/null
            """;
        string[] command = [.. Owner, "sh", "-c", script, "sh", Path.Combine(_binaries, "postgres"), Data, _directory.FullName];
        var server = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardInput = true, WorkingDirectory = "/" })!;
        for (var clock = Stopwatch.StartNew(); TryRun(Path.Combine(_binaries, "pg_isready"), "-q", "-h", _directory.FullName).ExitCode != 0;)
        {
            if (server.HasExited || clock.Elapsed > TimeSpan.FromSeconds(30)) throw new InvalidOperationException("PostgreSQL does not start: " + File.ReadAllText(Path.Combine(Data, "log")));
            Thread.Sleep(20);
        }

        return server;
    }

    private void Ask(string sql) => Run(Path.Combine(_binaries, "psql"), "-q", "-h", _directory.FullName, "-U", "postgres", "-c", sql);

    private static void AsOwner(params string[] command)
    {
        string[] whole = [.. Owner, .. command];
        Run(whole[0], whole[1..]);
    }

    private static void Run(string file, params string[] args)
    {
        var (code, text) = TryRun(file, args);
        if (code != 0) throw new InvalidOperationException($"{file} ended with {code}: {text}");
    }

    private static (int ExitCode, string Text) TryRun(string file, params string[] args)
    {
        using var process = Process.Start(new ProcessStartInfo(file, args) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" })!;
        var error = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        return (process.ExitCode, output + error.Result);
    }
}
