using System.Globalization;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire.Hostile;

/// <summary>
/// One server for all attacks, bound to every address as in a network, since what comes from loopback may be a proxy and is let be. Each attack comes from an address of its own, behind
/// which honest people are too; others come from addresses of theirs.
/// </summary>
public sealed class HostileLab : IAsyncLifetime
{
    public const string Password = "correct horse";

    /// <summary>Where the server is.</summary>
    public const string Address = NetworkNamespace.Address;

    /// <summary>Where honest people are alone.</summary>
    public const string Home = "10.99.0.2", Work = "10.99.0.3", Elsewhere = "10.99.0.4";

    private static readonly string[] Settings =
    [
        "--Server:BindAddress", "0.0.0.0", "--Plugins:MediaRelay:Enabled", "false", "--Plugins:FocusAgent:Enabled", "false", "--Limits:LogInTime", LogInTime.ToString("c", CultureInfo.InvariantCulture),
    ];

    private ServerProcess? _server;

    /// <summary>Whether the figures are those of the real world.</summary>
    public static bool IsLong => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    /// <summary>How long a connection may take to log in.</summary>
    public static TimeSpan LogInTime => IsLong ? TimeSpan.FromSeconds(30) : TimeSpan.FromSeconds(3);

    /// <summary>The network.</summary>
    public NetworkNamespace Namespace { get; } = NetworkNamespace.Create();

    /// <summary>The server.</summary>
    public ServerProcess Server => _server!;

    public async ValueTask InitializeAsync()
    {
        for (var i = 2; i < 100; i++) Namespace.Ip("addr", "add", string.Create(CultureInfo.InvariantCulture, $"10.99.0.{i}/32"), "dev", "v0");
        _server = await ServerProcess.StartAsync(Namespace, "http://127.0.0.1:5280", Settings);
        string[] names = ["ann", "ben", "cyd", "eve", "fay", "mel", .. Enumerable.Range(0, 15).Select(i => $"mal{i}")];
        await _server.AddUsersAsync(Password, [.. names.Select(n => n + "@localhost")]);
    }

    /// <summary>The server's resident memory, in bytes.</summary>
    public long ResidentBytes() =>
        long.Parse(Regex.Match(File.ReadAllText($"/proc/{Server.Command.Process.Id}/status"), @"VmRSS:\s+(\d+) kB").Groups[1].Value, CultureInfo.InvariantCulture) * 1024;

    /// <summary>A figure that the server measures (<c>/metrics</c>).</summary>
    public async Task<double> MetricAsync(string name)
    {
        using var http = Namespace.Http();
        var text = await http.GetStringAsync(new Uri("http://127.0.0.1:5280/metrics"));
        return double.Parse(Regex.Match(text, $@"^{name}(?:\{{[^}}]*\}})? (\S+)", RegexOptions.Multiline).Groups[1].Value, CultureInfo.InvariantCulture);
    }

    public ValueTask DisposeAsync()
    {
        _server?.Dispose();
        Namespace.Dispose();
        return ValueTask.CompletedTask;
    }
}
