using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Media.Relay.Turn;

/// <summary>coturn's own client, which by default reserves port pairs, binds channels of any number and sends RTP and RTCP beside each other.</summary>
public sealed class TurnUtilsTests
{
    [Theory]
    [InlineData("-m", "2")]
    [InlineData("-m", "2", "-s")]
    [InlineData("-m", "2", "-c")]
    [InlineData("-m", "2", "-c", "-s")]
    [InlineData("-m", "2", "-D")]
    [InlineData("-m", "2", "-G")]
    [InlineData("-m", "2", "-X")]
    [InlineData("-m", "10", "-n", "50", "-z", "5")]
    public void Every_packet_comes_back_from_a_peer(params string[] more)
    {
        using var host = new TurnHost(allowed: ["127.0.0.1/32"]);
        var port = FreePort();
        var peer = RunningCommand.Start(Tool("turnutils_peer"), ["-L", "127.0.0.1", "-p", port.ToString(CultureInfo.InvariantCulture)]);
        try
        {
            AssertAllReturned(Uclient(host, ["-e", "127.0.0.1", "-r", port.ToString(CultureInfo.InvariantCulture), .. more]));
        }
        finally
        {
            peer.Process.Kill();
            peer.Process.WaitForExit();
        }

        Assert.True(host.Relay.ReadLoad().AllocationsMade >= 2);
    }

    [Theory]
    [InlineData("-m", "2")]
    [InlineData("-m", "4", "-s")]
    [InlineData("-m", "2", "-c")]
    public void Every_packet_comes_back_between_clients_of_the_default_server(params string[] more)
    {
        using var host = new TurnHost();
        AssertAllReturned(Uclient(host, ["-y", .. more]));
    }

    [Fact]
    public void A_wrong_secret_and_an_expired_username_get_no_allocation()
    {
        using var host = new TurnHost();
        var expired = TurnHost.UsernameOf("u1", TimeSpan.FromHours(-1));
        foreach (var credentials in new[] { ["-W", "south", "-u", "u1"], new[] { "-u", expired, "-w", TurnHost.PasswordOf(expired) } })
        {
            var result = Run(host, [.. credentials, "-y", "-c"]);
            Assert.NotEqual(0, result.ExitCode);
            Assert.Contains("Cannot complete Allocation", result.All, StringComparison.Ordinal);
        }

        // It does not print the code, so ours asks once more.
        using var socket = host.Socket();
        var client = host.Client(socket);
        client.Password = "wrong";
        Assert.Equal(401, client.Allocate().Code);
        (client.Username, client.Password) = (expired, TurnHost.PasswordOf(expired));
        Assert.Equal(401, client.Allocate().Code);
        Assert.Equal(0, host.Relay.ReadLoad().AllocationsMade);
        Assert.True(host.Relay.ReadLoad().Unauthorized >= 4);
    }

    [Fact]
    public void A_peer_that_is_not_allowed_is_refused()
    {
        using var host = new TurnHost();
        var result = Run(host, ["-W", TurnHost.Secret, "-u", "u1", "-e", "127.0.0.1", "-r", "3480", "-c", "-n", "2"]);
        Assert.Contains("403", result.All, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("-N")]
    [InlineData("-R")]
    public void Its_negative_tests_do_no_harm(string test)
    {
        using var host = new TurnHost();
        Run(host, ["-W", TurnHost.Secret, "-u", "u1", "-y", "-n", "3", test]);
        using var socket = host.Socket();
        Assert.Equal(0, host.Client(socket).Allocate().Code);
    }

    [Fact]
    public void Its_stun_client_reads_its_address()
    {
        using var host = new TurnHost();
        var result = Shell.TryRun(TimeSpan.FromSeconds(10), Tool("turnutils_stunclient"), "-p", host.Relay.Port.ToString(CultureInfo.InvariantCulture), "127.0.0.1");
        Assert.Contains("UDP reflexive addr: 127.0.0.1:", result.All, StringComparison.Ordinal);
    }

    private static CommandResult Uclient(TurnHost host, IEnumerable<string> args) =>
        Run(host, ["-W", TurnHost.Secret, "-u", "u1", "-n", "20", "-l", "170", .. args]);

    private static CommandResult Run(TurnHost host, IEnumerable<string> args) =>
        Shell.TryRun(TimeSpan.FromSeconds(60), Tool("turnutils_uclient"), ["-v", "-p", host.Relay.Port.ToString(CultureInfo.InvariantCulture), .. args, "127.0.0.1"]);

    private static void AssertAllReturned(CommandResult result)
    {
        Assert.True(result.ExitCode == 0, result.All);
        var total = Regex.Matches(result.All, @"tot_send_msgs=(\d+), tot_recv_msgs=(\d+)").LastOrDefault();
        Assert.True(total is not null, result.All);
        Assert.NotEqual("0", total.Groups[1].Value);
        Assert.Equal(total.Groups[1].Value, total.Groups[2].Value);
        Assert.Matches(@"Total lost packets 0 \(0\.0+%\)", result.All);
    }

    private static string Tool(string name)
    {
        var path = Path.Combine("/usr/bin", name);
        Assert.SkipUnless(File.Exists(path), "coturn is not installed.");
        return path;
    }

    private static int FreePort()
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}
