using System.Diagnostics;
using Microsoft.Extensions.DependencyInjection;
using Parley.Xmpp.Server.Configuration;
using Parley.Xmpp.Server.Hosting;
using Parley.Xmpp.Server.Storage;

namespace Parley.tests.Lab;

/// <summary>The real server as a child process inside a namespace, with a data directory of its own.</summary>
public sealed class ServerProcess : IDisposable
{
    private readonly NetworkNamespace _ns;
    private readonly string _data = Directory.CreateTempSubdirectory("parley-data-").FullName;

    private string[] _settings = [];
    private IReadOnlyDictionary<string, string?>? _environment;

    private ServerProcess(NetworkNamespace ns) => _ns = ns;

    /// <summary>The running program.</summary>
    public RunningCommand Command { get; private set; } = null!;

    /// <summary>Where it keeps its data.</summary>
    public string DataDirectory => _data;

    /// <summary>The certificate that the server made for itself.</summary>
    public string Certificate => Path.Combine(_data, "certificate.pem");

    /// <summary>Starts the server and waits until <c>/healthz</c> says 200.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="health">The address to ask; loopback unless the server is bound elsewhere.</param>
    /// <param name="settings">Command-line settings, such as <c>--Turn:Enabled</c>, <c>false</c>.</param>
    public static async Task<ServerProcess> StartAsync(NetworkNamespace ns, string health = "http://localhost:5280", params string[] settings)
    {
        var server = new ServerProcess(ns);
        await server.StartAgainAsync(health, settings);
        return server;
    }

    /// <summary>Starts one in an environment with some variables set, or (null) unset.</summary>
    public static async Task<ServerProcess> StartAsync(NetworkNamespace ns, IReadOnlyDictionary<string, string?> environment, params string[] settings)
    {
        var server = new ServerProcess(ns) { _environment = environment };
        await server.StartAgainAsync(settings: settings);
        return server;
    }

    /// <summary>Starts it again on the same data.</summary>
    public async Task StartAgainAsync(string health = "http://localhost:5280", params string[] settings)
    {
        _settings = settings;
        Command = _ns.Start("dotnet", [Program, "run", "--Server:DataDirectory", _data, .. settings], _environment);
        using var http = _ns.Http();
        http.Timeout = TimeSpan.FromSeconds(2);
        var clock = Stopwatch.StartNew();
        while (true)
        {
            if (Command.Process.HasExited) throw new InvalidOperationException("The server ended:\n" + Command.Text);
            if (clock.Elapsed > TimeSpan.FromSeconds(40)) throw new TimeoutException("No answer from /healthz:\n" + Command.Text);
            try
            {
                using var answer = await http.GetAsync(new Uri(health + "/healthz"));
                if (answer.IsSuccessStatusCode) return;
            }
            catch (Exception e) when (e is HttpRequestException or OperationCanceledException)
            {
                // Not listening yet.
            }

            await Task.Delay(100);
        }
    }

    /// <summary>Runs a verb of the command line against the same data and with the same settings.</summary>
    public CommandResult Cli(params string[] args) =>
        _ns.Run(TimeSpan.FromSeconds(30), "dotnet", [Program, .. args, "--Server:DataDirectory", _data, .. _settings]);

    /// <summary>Adds an account.</summary>
    public void AddUser(string jid, string password) => AddUsersAsync(password, jid).GetAwaiter().GetResult();

    /// <summary>Adds accounts with one password, as <c>user add</c> does and yet in this process: a command for each would take longer than many a test.</summary>
    public async Task AddUsersAsync(string password, params string[] jids)
    {
        var storage = new StorageOptions();
        for (var i = 0; i < _settings.Length; i++)
        {
            if (_settings[i] == "--Storage:Provider") storage.Provider = Enum.Parse<StorageProvider>(_settings[i + 1]);
            if (_settings[i] == "--Storage:ConnectionString") storage.ConnectionString = _settings[i + 1];
        }

        var settings = new XmppServerSettings(new ServerOptions { DataDirectory = _data }, new(), new(), new()) { Storage = storage };
        await using var services = new ServiceCollection().AddXmppStorage(settings).BuildServiceProvider();
        foreach (var jid in jids) Assert.True(await services.GetRequiredService<IAccountAdministration>().AddAsync(jid, password).ConfigureAwait(false), $"{jid} is there already");
    }

    /// <summary>Asks it to stop as Ctrl-C would, and waits.</summary>
    public int Stop()
    {
        Shell.TryRun(TimeSpan.FromSeconds(5), "pkill", "-INT", "-f", _data);
        Assert.True(Command.Process.WaitForExit(15000), "The server did not stop:\n" + Command.Text);
        return Command.Process.ExitCode;
    }

    public void Dispose()
    {
        if (!Command.Process.HasExited) Command.Process.Kill(entireProcessTree: true);
        Command.Process.WaitForExit();
        Directory.Delete(_data, recursive: true);
    }

    /// <summary>The program, for <c>dotnet</c>.</summary>
    public static string Program => Path.Combine(AppContext.BaseDirectory, "Parley.Server.Host.dll");
}
