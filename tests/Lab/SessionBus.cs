using System.Globalization;

namespace Parley.tests.Lab;

/// <summary>A D-Bus session bus for one client, which starts no services: whatever a desktop would add to it stays out of the tests.</summary>
public sealed class SessionBus : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);
    private readonly TemporaryFile _configuration;
    private readonly RunningCommand _daemon;

    private SessionBus(TemporaryFile configuration, RunningCommand daemon, string address) => (_configuration, _daemon, Address) = (configuration, daemon, address);

    /// <summary>Its address for the variable <c>DBUS_SESSION_BUS_ADDRESS</c>.</summary>
    public string Address { get; }

    /// <summary>Starts one.</summary>
    /// <param name="ns">Where.</param>
    /// <param name="socket">The path of its socket.</param>
    public static async Task<SessionBus> StartAsync(NetworkNamespace ns, string socket)
    {
        var configuration = new TemporaryFile($"""
            <busconfig>
              <type>session</type>
              <listen>unix:path={socket}</listen>
              <policy context="default"><allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/></policy>
            </busconfig>
            """);
        var daemon = ns.Start("dbus-daemon", ["--nofork", "--nopidfile", "--nosyslog", "--print-address=1", "--config-file=" + configuration.Path]);
        var address = await daemon.WaitForAsync("^unix:.*", Patience);
        return new SessionBus(configuration, daemon, address.Value);
    }

    /// <summary>Calls a method; arguments are GVariant text.</summary>
    /// <returns>What it gave back, as GVariant text.</returns>
    public string Call(string name, string path, string method, params string[] args) =>
        Shell.Run("env", ["DBUS_SESSION_BUS_ADDRESS=" + Address, "gdbus", "call", "--session", "--dest", name, "--object-path", path, "--method", method, .. args]).Output;

    public void Dispose()
    {
        Shell.TryRun(TimeSpan.FromSeconds(5), "kill", _daemon.Process.Id.ToString(CultureInfo.InvariantCulture));
        if (!_daemon.Process.WaitForExit(5000)) _daemon.Process.Kill();
        _configuration.Dispose();
    }
}
