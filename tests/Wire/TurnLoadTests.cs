using System.Globalization;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>coturn's client at a load that Debian's coturn carries without loss: so does ours, in each of the client's ways.</summary>
[Collection(AloneTests.Name)]
public sealed class TurnLoadTests : WireTest
{
    private const string Theirs4 = "127.0.0.2", Secret = "a-secret-of-two-servers";
    private const string Ours6 = "2001:db8:99::1", Theirs6 = "2001:db8:99::2";

    // Sessions at once, each with two allocations; halved until coturn loses nothing.
    private static readonly int MostSessions = IsLong ? 40 : 8;

    private static readonly string[][] Ways =
    [
        [], ["-t"], ["-t", "-S", "-p", "5349"], // channels
        ["-s"], ["-t", "-s"], ["-t", "-S", "-p", "5349", "-s"], ["-T"], ["-T", "-S", "-p", "5349"], ["-x"], ["-x", "-t"],
    ];

    [Fact]
    public async Task Where_coturn_loses_nothing_nothing_is_lost()
    {
        foreach (var address in (string[])[Ours6, Theirs6]) Namespace.Ip("addr", "add", address + "/64", "dev", "v0", "nodad");
        await StartAtAsync($"https://{NetworkNamespace.Address}:5281", "--Server:Domain", "chat.test", "--Server:AdvertisedAddress", NetworkNamespace.Address, "--Plugins:TurnCredentials:Secret", Secret,
            "--Turn:AllocationsPerAccount", "1000", "--Turn:ConnectionsPerAddress", "1000", "--Turn:AllowedPeers:0", "127.0.0.0/8", "--Turn:AllowedPeers:1", "2001:db8:99::/64");
        var coturn = Namespace.Start("turnserver",
            ["-n", "-L", Theirs4, "-L", Theirs6, "-E", Theirs4, "-E", Theirs6, "-p", "3478", "--tls-listening-port", "5349", "--cert", Server.Certificate, "--pkey", Path.Combine(Server.DataDirectory, "certificate-key.pem"), "--no-dtls", "--no-cli",
             "--allow-loopback-peers", "--use-auth-secret", $"--static-auth-secret={Secret}", "-r", "chat.test", "--log-file", "stdout", "--pidfile", "/dev/null"]);
        await coturn.WaitForAsync("Total General servers", TimeSpan.FromSeconds(20));

        foreach (var way in IsLong ? Ways : Ways[..1])
        {
            var sessions = MostSessions;
            string Theirs() => Load(way.Contains("-x") ? Theirs6 : Theirs4, way, sessions);
            string Ours() => Load(way.Contains("-x") ? Ours6 : NetworkNamespace.Address, way, sessions);
            // Few sessions are no load: side by side they take the time of one, and what neither loses so it does not lose alone.
            if (!IsLong && (await Task.WhenAll(Task.Run(Theirs), Task.Run(Ours))).All(CoturnClient.IsWhole)) continue;

            string theirs;
            while (!CoturnClient.IsWhole(theirs = Theirs()))
            {
                sessions /= 2;
                Assert.True(sessions > 0, $"coturn itself fails at {string.Join(' ', way)}: {theirs}");
            }

            var ours = Ours();
            Assert.True(CoturnClient.IsWhole(ours), $"{string.Join(' ', way)} with {sessions} sessions: {ours}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', way)}: {sessions} sessions");
        }
    }

    private static bool IsLong => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    // 1,000 bytes every 5 ms from each session, to its own second allocation.
    private string Load(string server, string[] way, int sessions) =>
        CoturnClient.Run(Namespace, server, CoturnClient.Credentials(Secret, TimeSpan.FromHours(1)), [.. way, "-y", "-m", sessions.ToString(CultureInfo.InvariantCulture), "-n", "200", "-l", "1000", "-z", "5"]).All;
}
