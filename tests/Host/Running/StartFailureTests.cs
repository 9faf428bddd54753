using System.Net;
using System.Net.Sockets;
using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>What an operator can mend is one plain line that names what to mend, and exit code 1.</summary>
public sealed class StartFailureTests : IDisposable
{
    private readonly NetworkNamespace _namespace = NetworkNamespace.Create();
    private readonly Scratch _scratch = new();

    [Theory]
    [InlineData(5222, "Listeners:C2S:Port")]
    [InlineData(5223, "Listeners:C2STls:Port")]
    [InlineData(5280, "Listeners:Http:Port")]
    [InlineData(5281, "Listeners:Https:Port")]
    [InlineData(3478, "Turn:Port")]
    [InlineData(5349, "Turn:TlsPort")]
    public void A_taken_port_is_named_by_its_key(int port, string key)
    {
        using var other = _namespace.Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, port));
        other.Listen();

        Assert.Equal($"{key}: port {port} is taken by another program; stop that one, or choose another port.", Fail());
    }

    [Theory]
    [InlineData(10000, "Media:FirstPort")]
    [InlineData(3478, "Turn:Port")]
    public void A_taken_media_port_is_named_by_its_key(int port, string key)
    {
        using var other = _namespace.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        other.Bind(new IPEndPoint(IPAddress.Loopback, port));

        Assert.StartsWith($"{key}: UDP port {port} at ", Fail(), StringComparison.Ordinal);
    }

    [Fact]
    public void A_data_directory_that_cannot_be_written_is_named()
    {
        // A file in its place, since nothing is forbidden to root.
        var file = _scratch.Write("taken", "");

        var line = Fail("--Server:DataDirectory", file);

        Assert.StartsWith($"Server:DataDirectory: cannot write to {file} (", line, StringComparison.Ordinal);
    }

    [Fact]
    public void A_missing_libssl_is_named()
    {
        // Hidden for this process alone, by mounts of its own.
        var hide = "for f in $(ldconfig -p | sed -n 's/.*=> \\(.*libssl\\.so.*\\)/\\1/p'); do mount --bind /dev/null $(readlink -f $f) || exit 9; done; exec \"$@\"";

        var result = _namespace.Run(TimeSpan.FromSeconds(60), "unshare", "--mount", "sh", "-c", hide, "sh", "dotnet", Repository.Program, "run", "--Server:DataDirectory", _scratch.Path);

        Assert.Equal((1, "libssl: OpenSSL's libssl is not installed; install the package libssl3 (Debian, Ubuntu) or openssl (Alpine, Fedora)."), (result.ExitCode, result.Error.Trim()));
    }

    [Fact]
    public void An_address_that_the_machine_does_not_have_is_named() =>
        Assert.Equal("Server:BindAddress: this machine has no address 10.99.0.77.", Fail("--Server:BindAddress", "10.99.0.77", "--Plugins:MediaRelay:Enabled", "false"));

    [Theory]
    [InlineData("run")]
    [InlineData("check")]
    public void A_wrong_key_and_a_wrong_value_in_the_file_are_named_together(string verb)
    {
        var file = _scratch.Write("a.json", """{ "Server": { "Domian": "x" }, "Listeners": { "C2S": { "Port": "many" } } }""");

        var result = Run(verb, "--config", file);

        Assert.Equal(1, result.ExitCode);
        Assert.Equal([
            $"Server:Domian: there is no such key (from {file}); did you mean Server:Domain?",
            $"Listeners:C2S:Port: \"many\" is wrong, must be a whole number from -2147483648 to 2147483647 (from {file}).",
        ], result.Error.Trim().Split('\n'));
    }

    [Fact]
    public void A_wrong_key_in_the_environment_is_named_and_other_variables_are_not_ours()
    {
        var result = _namespace.Run(TimeSpan.FromSeconds(60), "env", "PARLEY_Sever__Domain=x", "PARLEY_COLOR=1", "dotnet", Repository.Program, "check", "--Server:DataDirectory", _scratch.Path);

        Assert.Equal((1, "Sever:Domain: there is no such key (from the environment); did you mean Server:Domain?"), (result.ExitCode, result.Error.Trim()));
    }

    [Fact]
    public void A_right_configuration_is_said_to_be_right()
    {
        var result = Run("check", "--Server:Domain", "chat.test");

        Assert.True(result.ExitCode == 0, result.All);
        Assert.Contains("The configuration is right", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_drop_in_that_does_not_start_is_named()
    {
        _scratch.DropIn(data: ".");

        var line = Fail("--Plugins:DropIn:Fault", "Start", "--Plugins:MediaRelay:Enabled", "false");

        Assert.StartsWith("Plugins:DropIn: the port 1 is taken", line, StringComparison.Ordinal);
    }

    public void Dispose()
    {
        _namespace.Dispose();
        _scratch.Dispose();
    }

    private string Fail(params string[] settings)
    {
        var result = Run("run", settings);
        Assert.Equal((1, 1), (result.ExitCode, result.Error.Trim().Split('\n').Length));
        Assert.False(result.All.Contains("   at ", StringComparison.Ordinal), result.All);
        return result.Error.Trim();
    }

    private CommandResult Run(string verb, params string[] settings)
    {
        string[] data = settings.Contains("--Server:DataDirectory") ? [] : ["--Server:DataDirectory", _scratch.Path];
        return _namespace.Run(TimeSpan.FromSeconds(60), "dotnet", [Repository.Program, verb, .. data, .. settings]);
    }
}
