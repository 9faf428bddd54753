using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>What changes while slixmpp is logged in: services that the operator adds, and the secret behind TURN credentials.</summary>
public sealed class ExternalServiceTests : WireTest
{
    private const string Loopback = "127.0.0.1";

    [Fact]
    public async Task A_client_is_pushed_what_the_operator_adds_and_takes_away()
    {
        using var file = new TemporaryFile("{}");
        var client = await StartWithClientAsync(file);
        var answers = (await NextAsync(client, "answers", 0)).GetProperty("answers");
        var old = answers.GetProperty("1").EnumerateArray().ToList();
        Assert.Contains(old, s => Text(s, "type") == "turn" && Text(s, "password").Length > 0);
        Assert.All(old, s => Assert.False(s.TryGetProperty("expires", out _))); // no attribute of the first version

        File.WriteAllText(file.Path, """{ "Plugins": { "ExtDisco": { "Services": [{ "Type": "turns", "Host": "turn.example.net", "Secret": "a-shared-secret" }] } } }""");
        var reload = Server.Cli("reload");
        Assert.True(reload.ExitCode == 0, reload.All);
        var added = await NextAsync(client, "push", 0);
        Assert.Equal("localhost", Text(added, "from"));
        var service = Assert.Single(added.GetProperty("push").EnumerateArray());
        Assert.Equal(("add", "turns", "turn.example.net", "5349", "tcp", "true"),
            (Text(service, "action"), Text(service, "type"), Text(service, "host"), Text(service, "port"), Text(service, "transport"), Text(service, "restricted")));
        Assert.Equal(Hmac("a-shared-secret", Text(service, "username")), Text(service, "password"));

        // What is wrong is named, all of it, and changes nothing.
        File.WriteAllText(file.Path, """{ "Plugins": { "ExtDisco": { "Services": [{ "Type": "turn", "Host": "turn.example.net" }], "Guest": true }, "Roster": { "MaxItems": 0 } } }""");
        var refused = Server.Cli("reload");
        Assert.Equal(1, refused.ExitCode);
        Assert.Contains("Plugins:ExtDisco:Services:0:Secret: a TURN server needs a Secret", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Plugins:ExtDisco:Guest: there is no such key", refused.Error, StringComparison.Ordinal);
        Assert.Contains("Plugins:Roster:MaxItems: must be between 1 and 100000", refused.Error, StringComparison.Ordinal);

        File.WriteAllText(file.Path, "{}");
        Assert.Equal(0, Server.Cli("reload").ExitCode);
        var gone = Assert.Single((await NextAsync(client, "push", 1)).GetProperty("push").EnumerateArray());
        Assert.Equal(("delete", "turns", "turn.example.net"), (Text(gone, "action"), Text(gone, "type"), Text(gone, "host")));
    }

    [Fact]
    public async Task Debians_coturn_takes_the_credentials_that_are_made_for_it()
    {
        const string Coturn = "127.0.0.2";
        var coturn = Namespace.Start("turnserver",
            ["-n", "--listening-ip", Coturn, "--relay-ip", Coturn, "--listening-port", "3478", "--use-auth-secret", "--static-auth-secret", "shared-with-coturn", "--realm", "localhost", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", "/dev/null"]);
        await coturn.WaitForAsync("Total General servers", TimeSpan.FromSeconds(20));
        await StartAsync("--Plugins:ExtDisco:Services:0:Type", "turn", "--Plugins:ExtDisco:Services:0:Host", Coturn, "--Plugins:ExtDisco:Services:0:Secret", "shared-with-coturn");
        Server.AddUser("ann@localhost", "pw");
        var listed = PythonClient.Run(Namespace, "extdisco", Server.Certificate, "ann@localhost", "pw", "turn").GetProperty("services").EnumerateArray().ToList();
        Assert.Equal((Loopback, Loopback), (Text(listed[0], "host"), Text(listed[^1], "host"))); // ours first and last
        var theirs = listed.Single(s => Text(s, "host") == Coturn);
        Assert.Equal(0, Allocate((Text(theirs, "username"), Text(theirs, "password")), Coturn));
        Assert.Equal(401, Allocate((Text(listed[0], "username"), Text(listed[0], "password")), Coturn)); // each server its own
    }

    [Fact]
    public async Task Credentials_outlive_a_rotated_secret_and_not_a_revoked_one()
    {
        using var file = new TemporaryFile("{}");
        var client = await StartWithClientAsync(file);
        var before = Turn((await NextAsync(client, "answers", 0)).GetProperty("answers").GetProperty("2"));
        var secret = File.ReadAllText(Path.Combine(Server.DataDirectory, "turn-secret")).Trim();
        var rest = (DateTimeOffset.UtcNow.AddHours(1).ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture) + ":bot") is var name ? (Username: name, Password: Hmac(secret, name)) : default;
        Assert.Equal([0, 0], [Allocate(before), Allocate(rest)]);

        var rotated = Server.Cli("turn", "rotate-secret");
        Assert.True(rotated.ExitCode == 0, rotated.All);
        Assert.Contains("credentials made with the former one count until 20", rotated.Output, StringComparison.Ordinal);
        Assert.NotEqual(secret, File.ReadAllText(Path.Combine(Server.DataDirectory, "turn-secret")).Trim());
        Assert.Equal([0, 0], [Allocate(before), Allocate(rest)]);

        Assert.Equal(0, Server.Cli("turn", "rotate-secret", "--revoke").ExitCode);
        Assert.Equal([401, 401], [Allocate(before), Allocate(rest)]);
        var push = (await NextAsync(client, "push", 0)).GetProperty("push");
        Assert.All(push.EnumerateArray(), s => Assert.Equal("modify", Text(s, "action")));
        Assert.Equal(0, Allocate(Turn(push)));
    }

    private async Task<RunningCommand> StartWithClientAsync(TemporaryFile file)
    {
        await StartAsync("--config", file.Path);
        Server.AddUser("ann@localhost", "pw");
        return PythonClient.Start(Namespace, "pushes", Server.Certificate, "ann@localhost", "pw");
    }

    private static async Task<JsonElement> NextAsync(RunningCommand client, string kind, int index)
    {
        for (var i = 0; i < 400; i++)
        {
            var lines = client.Text.Split('\n').Where(l => l.StartsWith($"{{\"{kind}\"", StringComparison.Ordinal)).ToList();
            if (lines.Count > index) return JsonDocument.Parse(lines[index]).RootElement;
            Assert.False(client.Process.HasExited, client.Text);
            await Task.Delay(50, TestContext.Current.CancellationToken);
        }

        throw new TimeoutException($"No {kind} came:\n{client.Text}");
    }

    private static (string Username, string Password) Turn(JsonElement services) =>
        services.EnumerateArray().First(s => Text(s, "type") == "turn" && Text(s, "transport") == "udp") is var turn ? (Text(turn, "username"), Text(turn, "password")) : default;

    private int Allocate((string Username, string Password) with, string server = Loopback) =>
        PythonClient.Run(Namespace, "turn_peers", server, with.Username, with.Password).GetProperty("allocate").GetInt32();

    private static string Text(JsonElement service, string name) => service.GetProperty(name).GetString()!;

#pragma warning disable CA5350 // The form demands SHA-1.
    private static string Hmac(string secret, string username) => Convert.ToBase64String(HMACSHA1.HashData(Encoding.UTF8.GetBytes(secret), Encoding.UTF8.GetBytes(username)));
#pragma warning restore CA5350
}
