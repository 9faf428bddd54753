using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>coturn's client at a load that Debian's coturn carries without loss: so does ours, in each of the client's ways.</summary>
[Collection(AloneTests.Name)]
public sealed class TurnLoadTests : WireTest
{
    private const string Ours = "127.0.0.1", Theirs = "127.0.0.2", Secret = "a-secret-of-two-servers";
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
            ["-n", "-L", Theirs, "-L", Theirs6, "-E", Theirs, "-E", Theirs6, "-p", "3478", "--tls-listening-port", "5349", "--cert", Server.Certificate, "--pkey", Path.Combine(Server.DataDirectory, "certificate-key.pem"), "--no-dtls", "--no-cli",
             "--allow-loopback-peers", "--use-auth-secret", $"--static-auth-secret={Secret}", "-r", "chat.test", "--log-file", "stdout", "--pidfile", "/dev/null"]);
        await coturn.WaitForAsync("Total General servers", TimeSpan.FromSeconds(20));

        foreach (var way in IsLong ? Ways : Ways[..1])
        {
            var sessions = MostSessions;
            string theirs;
            while (!IsWhole(theirs = Load(way.Contains("-x") ? Theirs6 : Theirs, way, sessions)))
            {
                sessions /= 2;
                Assert.True(sessions > 0, $"coturn itself fails at {string.Join(' ', way)}: {theirs}");
            }

            var ours = Load(way.Contains("-x") ? Ours6 : NetworkNamespace.Address, way, sessions);
            Assert.True(IsWhole(ours), $"{string.Join(' ', way)} with {sessions} sessions: {ours}");
            TestContext.Current.TestOutputHelper?.WriteLine($"{string.Join(' ', way)}: {sessions} sessions");
        }
    }

    private static bool IsLong => Environment.GetEnvironmentVariable("PARLEY_LONG") == "1";

    private static bool IsWhole(string output) => output.Contains("Total lost packets 0 (0.000000%)", StringComparison.Ordinal)
        && System.Text.RegularExpressions.Regex.IsMatch(output, @"tot_send_msgs=[1-9]\d*, tot_recv_msgs=[1-9]\d*");

    // 1,000 bytes every 5 ms from each session, to its own second allocation.
    private string Load(string server, string[] way, int sessions)
    {
        var username = DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + ":ann";
#pragma warning disable CA5350 // The form demands SHA-1.
        var password = Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(Secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350
        return Namespace.Run(TimeSpan.FromSeconds(90), "turnutils_uclient",
            [.. way, "-y", "-m", sessions.ToString(CultureInfo.InvariantCulture), "-n", "200", "-l", "1000", "-z", "5", "-u", username, "-w", password, server]).All;
    }
}
