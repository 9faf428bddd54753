using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Npgsql;

namespace Parley.bench.Chat;

/// <summary>A PostgreSQL with its own defaults (a commit waits for the disk), in a directory that goes with it, on a loopback port.</summary>
internal sealed class ChatDatabase : IDisposable
{
    private const string Root = "/usr/lib/postgresql";

    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("parley-bench-pg-");
    private readonly Process _process;

    /// <summary>Makes it and starts it.</summary>
    public ChatDatabase(int port)
    {
        Port = port;
        var binaries = Directory.GetDirectories(Root).Select(v => Path.Combine(v, "bin")).Where(b => File.Exists(Path.Combine(b, "initdb"))).MaxBy(b => b, StringComparer.Ordinal)
            ?? throw new InvalidOperationException("PostgreSQL is not installed; bench/setup installs it.");
        var data = Path.Combine(_directory.FullName, "data");
        if (Environment.UserName == "root") Run("chown", "postgres", _directory.FullName);
        Run([.. Owner, Path.Combine(binaries, "initdb"), "-D", data, "-U", "postgres", "-A", "trust", "-E", "UTF8", "--locale=C"]);
        string[] command = [.. Owner, Path.Combine(binaries, "postgres"), "-D", data, "-k", _directory.FullName, "-c", "listen_addresses=127.0.0.1", "-c", $"port={port}", "-c", "log_min_messages=panic"];
        _process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { WorkingDirectory = "/", RedirectStandardError = true })!;
        _process.BeginErrorReadLine();
        for (var clock = Stopwatch.StartNew(); !Answers();)
        {
            if (_process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60)) throw new InvalidOperationException("PostgreSQL does not start.");
            Thread.Sleep(100);
        }
    }

    /// <summary>Where it listens.</summary>
    public int Port { get; }

    /// <summary>As Npgsql wants it.</summary>
    public string ConnectionString => $"Host=127.0.0.1;Port={Port};Username=postgres;Database=postgres";

    /// <summary>What all of its processes have used, in clock ticks.</summary>
    public long CpuTicks
    {
        get
        {
            var id = _process.Id.ToString(CultureInfo.InvariantCulture);
            var all = Directory.GetDirectories("/proc").Where(d => char.IsAsciiDigit(Path.GetFileName(d)[0])).Select(d => Fields(Path.Combine(d, "stat"))).OfType<string[]>();
            // Those that ended are in the postmaster's account of its children.
            return Fields($"/proc/{id}/stat")!.Skip(11).Take(4).Sum(f => long.Parse(f, CultureInfo.InvariantCulture))
                + all.Where(f => f[1] == id).Sum(f => long.Parse(f[11], CultureInfo.InvariantCulture) + long.Parse(f[12], CultureInfo.InvariantCulture));
        }
    }

    private static string[] Owner => Environment.UserName == "root" ? ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] : ["env"];

    /// <summary>Runs a script of SQL.</summary>
    public async Task ExecuteAsync(string sql)
    {
        await using var connection = new NpgsqlConnection(ConnectionString);
        await connection.OpenAsync();
        await using var command = new NpgsqlCommand(sql, connection);
        await command.ExecuteNonQueryAsync();
    }

    public void Dispose()
    {
        // At once, its children with it (server shutdown modes of PostgreSQL).
        Run("kill", "-QUIT", _process.Id.ToString(CultureInfo.InvariantCulture));
        _process.WaitForExit();
        _process.Dispose();
        NpgsqlConnection.ClearAllPools();
        _directory.Delete(recursive: true);
    }

    private bool Answers()
    {
        try
        {
            using var connection = new NpgsqlConnection(ConnectionString);
            connection.Open();
            return true;
        }
        catch (Exception e) when (e is NpgsqlException or SocketException)
        {
            return false;
        }
    }

    // Behind the name, which may hold spaces: from the state on (proc(5)). Null for a process that ended meanwhile.
    private static string[]? Fields(string file)
    {
        try
        {
            return File.ReadAllText(file).Split(") ")[^1].Split(' ');
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return null;
        }
    }

    private static void Run(params string[] command)
    {
        using var process = Process.Start(new ProcessStartInfo(command[0], command[1..]) { RedirectStandardOutput = true, WorkingDirectory = "/" })!;
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        if (process.ExitCode != 0) throw new InvalidOperationException($"{command[0]} ended with {process.ExitCode}.");
    }
}
