using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Net.Sockets;

namespace Parley.bench.Chat;

/// <summary>A chat server under measurement: a process of its own on loopback, plaintext, with accounts <c>u0</c> to <c>uN</c> at <c>localhost</c>.</summary>
internal abstract class ChatServer : IDisposable
{
    public const string Domain = "localhost", Password = "secret";

    private readonly string _directory = Directory.CreateTempSubdirectory("parley-bench-").FullName;
    private Process? _process;
    private ChatDatabase? _database;

    /// <summary>What it is called in results.</summary>
    public abstract string Name { get; }

    /// <summary>Where clients connect.</summary>
    public int Port { get; } = FreePort();

    /// <summary>Where it keeps what it keeps.</summary>
    protected string DataDirectory => _directory;

    /// <summary>The database where it archives; null where that is not a server.</summary>
    protected ChatDatabase? Database => _database;

    /// <summary>The CPU time that it has used, threads that ended and its database server included.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            // Behind the name, which may hold spaces: fields 14 and 15 of proc(5), in clock ticks.
            var fields = File.ReadAllText($"/proc/{_process!.Id}/stat").Split(") ")[1].Split(' ');
            var ticks = long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            return TimeSpan.FromMilliseconds((ticks + (_database?.CpuTicks ?? 0)) * 10);
        }
    }

    /// <summary>Its resident memory in bytes.</summary>
    public long ResidentBytes =>
        long.Parse(File.ReadLines($"/proc/{_process!.Id}/status").First(l => l.StartsWith("VmRSS", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1], CultureInfo.InvariantCulture) * 1024;

    /// <summary>Starts it.</summary>
    public async Task StartAsync(ChatSetup setup)
    {
        if (setup.Archive == ChatArchive.PostgreSql) _database = new ChatDatabase(FreePort());
        var start = await PrepareAsync(setup);
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        _process = Process.Start(start)!;
        var said = new System.Text.StringBuilder();
        _process.OutputDataReceived += (_, e) => said.AppendLine(e.Data);
        _process.ErrorDataReceived += (_, e) => said.AppendLine(e.Data);
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
        var clock = Stopwatch.StartNew();
        while (!await AnswersAsync())
        {
            if (_process.HasExited || clock.Elapsed > TimeSpan.FromSeconds(60)) throw new InvalidOperationException($"{Name} did not start:\n{said}");
            await Task.Delay(200);
        }

        await AddAccountsAsync(setup.Accounts);
    }

    public void Dispose()
    {
        if (_process is not null)
        {
            _process.Kill(entireProcessTree: true);
            _process.WaitForExit();
            _process.Dispose();
        }

        _database?.Dispose();
        Directory.Delete(_directory, recursive: true);
    }

    /// <summary>Writes the configuration and says how to start.</summary>
    protected abstract Task<ProcessStartInfo> PrepareAsync(ChatSetup setup);

    /// <summary>Adds the accounts once it runs, where that was not possible before.</summary>
    protected virtual Task AddAccountsAsync(int accounts) => Task.CompletedTask;

    private async Task<bool> AnswersAsync()
    {
        using var tcp = new TcpClient();
        try
        {
            await tcp.ConnectAsync(IPAddress.Loopback, Port);
            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}
