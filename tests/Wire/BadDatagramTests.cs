using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Random bytes and mutated STUN, DTLS, RTP and RTCP on every UDP port of the real server.</summary>
[Collection(AloneTests.Name)]
public sealed class BadDatagramTests : WireTest
{
    private const int TurnPort = 3478;
    // Beside the realm, design section 5; "localhost" takes 12 bytes as an attribute's value.
    private const int LargestAnswer = 120 + 12;

    private static int Datagrams => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1" ? 200_000 : 10_000;

    [Fact]
    public async Task Nothing_crashes_media_ports_say_nothing_and_TURN_no_more_than_it_may()
    {
        await StartAsync("--Media:Workers", "2");
        Server.AddUser("ann@localhost", "pw");
        Server.AddUser("bob@localhost", "pw");
        using var bound = Bind();
        var ports = UdpPorts();
        Assert.Contains(TurnPort, ports);
        Assert.Contains(10000, ports);
        Assert.Contains(10001, ports);

        var seed = Environment.TickCount;
        var random = new Random(seed);
        var answers = new Dictionary<int, int>();
        foreach (var port in ports)
        {
            foreach (var sample in DatagramSamples.All) await SendAsync(bound, sample, port);
            for (var i = 0; i < Datagrams / ports.Count; i++)
            {
                await SendAsync(bound, DatagramSamples.Mutate(random), port);
                if (i % 50 == 0) Collect(bound, answers, seed);
            }
        }

        await Task.Delay(500, TestContext.Current.CancellationToken);
        Collect(bound, answers, seed);
        Assert.False(Server.Command.Process.HasExited, $"the server ended; seed {seed}");
        Assert.Equal([TurnPort], answers.Keys);

        // And a call still works, through the same ports.
        var ann = Join("ann");
        var bob = Join("bob");
        await ann.WaitForAsync("\"user\": \"xmpp:bob@localhost[^}]*\"audio\": [1-9]\\d, \"video\": [1-9]", TimeSpan.FromSeconds(30));
        await bob.WaitForAsync("\"user\": \"xmpp:ann@localhost[^}]*\"audio\": [1-9]\\d, \"video\": [1-9]", TimeSpan.FromSeconds(30));

        // While it lasts: the ports of a live call are no easier prey, and the call does not mind.
        foreach (var port in UdpPorts())
        {
            for (var i = 0; i < 1000; i++) await SendAsync(bound, DatagramSamples.Mutate(random), port);
        }

        var from = ann.Count;
        await ann.WaitForAsync("\"event\": \"receives\"", TimeSpan.FromSeconds(5), from);
        Collect(bound, answers, seed);
        Assert.Equal([TurnPort], answers.Keys);
        var before = Frames(ann);
        await Task.Delay(3000, TestContext.Current.CancellationToken);
        Assert.True(Frames(ann) > before, $"the call froze; seed {seed}\n{ann.Text}");
    }

    private static long Frames(RunningCommand client) => Regex.Matches(client.Text, "\"video\": (\\d+)").Select(m => long.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture)).LastOrDefault();

    // Every answer must be STUN, come from the TURN port, and be small.
    private static void Collect(Socket socket, Dictionary<int, int> answers, int seed)
    {
        var buffer = new byte[2048];
        while (socket.Available > 0)
        {
            EndPoint from = new IPEndPoint(IPAddress.Any, 0);
            var count = socket.ReceiveFrom(buffer, ref from);
            var port = ((IPEndPoint)from).Port;
            Assert.True(port == TurnPort, $"port {port} answered {Convert.ToHexString(buffer, 0, count)}; seed {seed}");
            Assert.True(count <= LargestAnswer, $"{count} bytes: {Convert.ToHexString(buffer, 0, count)}");
            // A success to Binding, or an error: bits of the class, RFC 8489 section 5.
            Assert.Equal(0x01, buffer[0]);
            answers[port] = answers.GetValueOrDefault(port) + 1;
        }
    }

    private static async Task SendAsync(Socket socket, byte[] bytes, int port)
    {
        // ICMP errors of an earlier datagram surface here; only the server's answers are of interest.
        await socket.SendToAsync(bytes, new IPEndPoint(IPAddress.Loopback, port));
    }

    private Socket Bind()
    {
        var socket = Namespace.Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.ReceiveBufferSize = 4 * 1024 * 1024;
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return socket;
    }

    private List<int> UdpPorts() =>
        [.. Namespace.Run(TimeSpan.FromSeconds(5), "ss", "-ulnpH").Output.Split('\n')
            .Where(l => l.Contains($"pid={Server.Command.Process.Id},", StringComparison.Ordinal))
            .Select(l => Regex.Match(l, @":(\d+)\s"))
            .Where(m => m.Success)
            .Select(m => int.Parse(m.Groups[1].Value, CultureInfo.InvariantCulture))
            .Distinct().Order()];

    private RunningCommand Join(string user) => PythonClient.Start(Namespace, "conference", Server.Certificate, $"{user}@localhost", "pw", "room@calls.localhost");
}
