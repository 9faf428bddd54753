using System.Globalization;
using System.Text.Json;
using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Credentials by XEP-0215, and coturn's and aioice's clients with them.</summary>
public sealed class TurnTests : WireTest
{
    private const string Loopback = "127.0.0.1";

    [Fact]
    public async Task An_account_is_told_STUN_and_TURN_with_credentials_in_the_order_that_every_client_needs()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");

        var told = Extdisco();

        var services = told.GetProperty("services").EnumerateArray().ToList();
        // Movim takes the first, Dino the last.
        Assert.Equal("udp", Text(services.First(s => Text(s, "type") == "turn"), "transport"));
        Assert.Equal("udp", Text(services.Last(s => Text(s, "type") == "turn"), "transport"));
        Assert.Contains(services, s => Text(s, "type") == "stun");
        Assert.All(services.Where(s => Text(s, "type") == "turn"), s =>
        {
            Assert.Equal(Loopback, Text(s, "host"));
            Assert.NotEmpty(Text(s, "username"));
            Assert.NotEmpty(Text(s, "password"));
            Assert.True(DateTimeOffset.Parse(Text(s, "expires"), CultureInfo.InvariantCulture) > DateTimeOffset.UtcNow.AddHours(11));
        });
        Assert.NotEmpty(Text(told.GetProperty("credentials")[0], "password"));
        Assert.All(Extdisco("stun").GetProperty("services").EnumerateArray(), s => Assert.Equal("stun", Text(s, "type")));
    }

    [Fact]
    public async Task Every_packet_of_coturns_client_comes_back_between_two_allocations()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        var turn = Turn();

        await CoturnClient.LosesNothingAsync(Namespace, ((string[][])[[], ["-s"]]).Select(how => (Loopback, (string[])[.. how, "-y", "-m", "2", "-n", "50", "-l", "170"])), _ => turn);
    }

    [Fact]
    public async Task Every_packet_comes_back_from_a_peer_that_the_operator_allows_by_channels_and_indications()
    {
        await StartAsync("--Turn:AllowedPeers:0", "127.0.0.1/32", "--Media:Workers", "2");
        Server.AddUser("ann@localhost", "pw");
        var turn = Turn();
        Namespace.Start("turnutils_peer", ["-L", Loopback, "-p", "3480"]);

        // By default it asks for EVEN-PORT and comes back with the RESERVATION-TOKEN, from another socket.
        await CoturnClient.LosesNothingAsync(Namespace, ((string[][])[[], ["-s"], ["-c"]]).Select(how => (Loopback, (string[])[.. how, "-e", Loopback, "-r", "3480", "-m", "4", "-n", "50", "-l", "170"])), _ => turn);
    }

    [Fact]
    public async Task Removing_an_account_ends_its_allocations_while_they_relay()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        var turn = Turn();
        Namespace.Start("turnutils_uclient", ["-y", "-m", "2", "-n", "100000", "-l", "170", "-u", turn.Username, "-w", turn.Password, Loopback]);
        await AllocationsAsync(n => n > 0);

        Assert.Equal(0, Server.Cli("user", "remove", "ann@localhost").ExitCode);

        await AllocationsAsync(n => n == 0);
        Assert.Equal(401, Peers(Loopback, turn.Username, turn.Password).GetProperty("allocate").GetInt32());
    }

    [Fact]
    public async Task A_wrong_password_and_an_expired_username_are_unauthorized()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        var turn = Turn();

        // The password fits: nothing but the time is wrong.
        var expired = Rest(TimeSpan.FromSeconds(-5));
        var valid = Rest(TimeSpan.FromHours(1));
        Assert.Equal(401, Peers(Loopback, turn.Username, "wrong").GetProperty("allocate").GetInt32());
        Assert.Equal(401, Peers(Loopback, expired.Username, expired.Password).GetProperty("allocate").GetInt32());
        Assert.Equal(0, Peers(Loopback, valid.Username, valid.Password).GetProperty("allocate").GetInt32());

        // coturn's client does not tell the code: it asks again with each new nonce until it gives up.
        var refused = CoturnClient.Run(Namespace, Loopback, (turn.Username, "wrong"), "-y", "-m", "2", "-n", "5");
        Assert.NotEqual(0, refused.ExitCode);
        Assert.Contains("Cannot complete Allocation", refused.All);
    }

    [Fact]
    public async Task On_loopback_only_what_is_ours_can_be_reached()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "pw");
        var turn = Turn();

        var results = Peers(Loopback, turn.Username, turn.Password, "channel:127.0.0.1:22", "channel:127.0.0.1:10000", "permission:127.0.0.1", "permission:10.0.0.1").GetProperty("results");

        Assert.Equal(403, results.GetProperty("channel:127.0.0.1:22").GetInt32());
        Assert.Equal(0, results.GetProperty("channel:127.0.0.1:10000").GetInt32());
        Assert.Equal(0, results.GetProperty("permission:127.0.0.1").GetInt32());
        Assert.Equal(403, results.GetProperty("permission:10.0.0.1").GetInt32());
    }

    [Fact]
    public async Task Bound_to_an_interface_loopback_private_and_metadata_addresses_are_forbidden()
    {
        await StartAtAsync($"https://{NetworkNamespace.Address}:5281", "--Server:BindAddress", NetworkNamespace.Address, "--Server:AdvertisedAddress", NetworkNamespace.Address);
        var turn = Rest(TimeSpan.FromHours(1));
        string[] forbidden = ["127.0.0.1", "10.0.0.1", "169.254.169.254", "192.168.1.1", "172.16.0.1", "100.64.0.1", "224.0.0.1", "0.0.0.0"];

        var results = Peers(NetworkNamespace.Address, turn.Username, turn.Password, [.. forbidden.Select(f => "permission:" + f), $"permission:{NetworkNamespace.Address}", "permission:192.0.1.1"]).GetProperty("results");

        Assert.All(forbidden, f => Assert.Equal(403, results.GetProperty("permission:" + f).GetInt32()));
        Assert.Equal(0, results.GetProperty($"permission:{NetworkNamespace.Address}").GetInt32());
        Assert.Equal(0, results.GetProperty("permission:192.0.1.1").GetInt32());
    }

    private static string Text(JsonElement service, string name) => service.GetProperty(name).GetString()!;

    private JsonElement Extdisco(params string[] kind) => PythonClient.Run(Namespace, "extdisco", [Server.Certificate, "ann@localhost", "pw", .. kind]);

    private (string Username, string Password) Turn()
    {
        var turn = Extdisco("turn").GetProperty("services")[0];
        return (Text(turn, "username"), Text(turn, "password"));
    }

    private (string Username, string Password) Rest(TimeSpan lifetime) => CoturnClient.Credentials(File.ReadAllText(Path.Combine(Server.DataDirectory, "turn-secret")).Trim(), lifetime);

    private JsonElement Peers(string server, string username, string password, params string[] wishes) => PythonClient.Run(Namespace, "turn_peers", [server, username, password, .. wishes]);

    private async Task AllocationsAsync(Predicate<int> expected)
    {
        var status = "";
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); clock.Elapsed < TimeSpan.FromSeconds(15); await Task.Delay(200))
        {
            status = Server.Cli("status").Output;
            if (Regex.Match(status, @"\ballocations\W+(\d+)") is { Success: true } found && expected(int.Parse(found.Groups[1].Value, CultureInfo.InvariantCulture))) return;
        }

        Assert.Fail(status);
    }
}
