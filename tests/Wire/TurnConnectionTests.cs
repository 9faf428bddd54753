using System.Net;
using System.Net.Sockets;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>coturn's client over TCP and TLS, and its neighbours at the port of HTTPS.</summary>
public sealed class TurnConnectionTests : WireTest
{
    private const string Loopback = "127.0.0.1";

    // coturn's own peer is UDP alone.
    private const string Echo = """
        import socketserver
        class Echo(socketserver.BaseRequestHandler):
            def handle(self):
                while data := self.request.recv(65536): self.request.sendall(data)
        socketserver.ThreadingTCPServer(('127.0.0.1', 3490), Echo).serve_forever()
        """;

    private static readonly string[][] Carriers = [["-t"], ["-t", "-S", "-p", "5349"], ["-t", "-S", "-p", "5281"]];

    [Fact]
    public async Task Every_packet_comes_back_over_TCP_and_both_ports_of_TLS_by_channels_and_indications()
    {
        await StartAsync("--Turn:AllowedPeers:0", "127.0.0.1/32", "--Media:Workers", "2");
        Namespace.Start("turnutils_peer", ["-L", Loopback, "-p", "3480"]);

        await NothingIsLostAsync(from carrier in Carriers from how in (string[][])[[], ["-s"], ["-c"]] select (Loopback, (string[])[.. carrier, .. how, "-e", Loopback, "-r", "3480", "-m", "4", "-n", "30", "-l", "170"]));
    }

    [Fact]
    public async Task Clients_that_have_TCP_alone_reach_each_other_through_two_allocations()
    {
        await StartAsync("--Media:Workers", "2");

        await NothingIsLostAsync(from carrier in Carriers from how in (string[][])[[], ["-s"]] select (Loopback, (string[])[.. carrier, .. how, "-y", "-m", "4", "-n", "50", "-l", "171"]));
    }

    [Fact]
    public async Task TCP_allocations_carry_everything_to_a_peer_and_between_two_clients()
    {
        await StartAsync("--Turn:AllowedPeers:0", "127.0.0.1/32", "--Media:Workers", "2");
        Namespace.Start("/usr/bin/python3", ["-c", Echo]);

        await NothingIsLostAsync(
            from carrier in (string[][])[[], ["-S", "-p", "5349"], ["-S", "-p", "5281"]]
            from peer in (string[][])[["-e", Loopback, "-r", "3490"], ["-y"]]
            select (Loopback, (string[])[.. carrier, "-T", .. peer, "-m", "2", "-n", "30", "-l", "170"]));
    }

    [Fact]
    public async Task An_IPv6_relay_serves_clients_over_TCP_and_TLS_and_over_IPv6_itself()
    {
        const string Address6 = "2001:db8:99::1";
        Namespace.Ip("addr", "add", Address6 + "/64", "dev", "v0", "nodad");
        await StartAtAsync("http://localhost:5280", "--Server:Domain", "chat.test", "--Server:AdvertisedAddress", NetworkNamespace.Address);

        await NothingIsLostAsync(from server in (string[])[NetworkNamespace.Address, Address6] from carrier in Carriers select (server, (string[])[.. carrier, "-x", "-y", "-m", "2", "-n", "30", "-l", "170"]));
    }

    [Fact]
    public async Task Who_speaks_no_STUN_is_cut_off_and_old_TLS_is_not_spoken()
    {
        await StartAsync();
        using var socket = Namespace.Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPAddress.Loopback, 3478, TestContext.Current.CancellationToken);
        await socket.SendAsync("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"u8.ToArray(), TestContext.Current.CancellationToken);
        socket.ReceiveTimeout = 5000;
        Assert.Equal(0, socket.Receive(new byte[100]));

        Assert.NotEqual(0, SClient("5349", "-tls1_1", "-cipher", "ALL:@SECLEVEL=0").ExitCode);
        Assert.Contains("TLSv1.2", SClient("5349", "-tls1_2").All, StringComparison.Ordinal);
        Assert.Contains("TLSv1.3", SClient("5349", "-tls1_3").All, StringComparison.Ordinal);
    }

    [Fact]
    public async Task At_the_port_of_HTTPS_ALPN_or_the_first_bytes_choose()
    {
        await StartAsync();

        foreach (var protocol in (string[])["stun.turn", "stun.nat-discovery", "h2", "http/1.1"])
            Assert.Contains($"ALPN protocol: {protocol}", SClient("5281", "-alpn", protocol).All, StringComparison.Ordinal);
        foreach (var how in (string[][])[["--http2"], ["--http1.1"], ["--no-alpn"], ["--no-alpn", "--http1.1"], ["--no-alpn", "--data", "x"]])
        {
            var answer = Namespace.Run(TimeSpan.FromSeconds(20), "curl", ["-sk", "-o", "/dev/null", "-w", "%{http_code}", .. how, "https://localhost:5281/healthz"]);
            Assert.Equal((0, how.Contains("--data") ? "405" : "200"), (answer.ExitCode, answer.Output));
        }

        // What no protocol is named for waits for its first bytes, however slowly they come.
        var script = "(printf 'G'; sleep 1; printf 'ET /healthz HTTP/1.1\\r\\nHost: localhost\\r\\nConnection: close\\r\\n\\r\\n'; sleep 1) | openssl s_client -quiet -connect localhost:5281";
        Assert.Contains("HTTP/1.1 200", Namespace.Run(TimeSpan.FromSeconds(20), "sh", "-c", script).Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task What_is_off_is_neither_open_nor_shared_nor_told()
    {
        await StartAsync("--Turn:TlsPort", "0", "--Turn:ShareHttps", "false");
        Server.AddUser("ann@localhost", "pw");

        Assert.NotEqual(0, Namespace.Run(TimeSpan.FromSeconds(20), "curl", "-sk", "https://localhost:5349/").ExitCode);
        Assert.DoesNotContain("ALPN protocol: stun.turn", SClient("5281", "-alpn", "stun.turn").All, StringComparison.Ordinal);
        Assert.NotEqual(0, Uclient("-t", "-S", "-p", "5281", "-y", "-m", "2", "-n", "2").ExitCode);
        CoturnClient.AssertNothingLost(Uclient("-t", "-y", "-m", "2", "-n", "20"), "by TCP");
        var told = PythonClient.Run(Namespace, "extdisco", [Server.Certificate, "ann@localhost", "pw"]).GetProperty("services").EnumerateArray();
        Assert.Equal(["turn/udp", "stun/udp", "turn/tcp", "turn/udp"], told.Select(s => $"{s.GetProperty("type")}/{s.GetProperty("transport")}"));
    }

    private string Secret => File.ReadAllText(Path.Combine(Server.DataDirectory, "turn-secret")).Trim();

    private Task NothingIsLostAsync(IEnumerable<(string Server, string[] Args)> ways)
    {
        var secret = Secret;
        return CoturnClient.LosesNothingAsync(Namespace, ways, i => CoturnClient.Credentials(secret, TimeSpan.FromHours(1), $"ann{i}"));
    }

    private CommandResult Uclient(params string[] args) => CoturnClient.Run(Namespace, Loopback, CoturnClient.Credentials(Secret, TimeSpan.FromHours(1)), args);

    private CommandResult SClient(string port, params string[] args) => Namespace.Run(TimeSpan.FromSeconds(20), "openssl", ["s_client", "-connect", "localhost:" + port, .. args]);
}
