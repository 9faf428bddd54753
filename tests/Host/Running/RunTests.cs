using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>The server as its operator meets it.</summary>
public sealed class RunTests : RunningTest
{
    [Fact]
    public async Task The_first_screen_says_where_to_click_and_how_to_add_a_user_and_a_signal_ends_it_well()
    {
        await StartAsync();

        var screen = (await FirstScreenAsync()).Split('\n').Take(24).ToList();
        Assert.Contains(screen, l => l.Contains("http://localhost:5280/meet/", StringComparison.Ordinal));
        Assert.Contains(screen, l => l.Contains("./parley user add alice@localhost", StringComparison.Ordinal));
        Assert.Contains(screen, l => l.Contains("TCP 5222 5223 5280 5281 3478 5349, UDP ", StringComparison.Ordinal));
        Assert.Equal((200, "ok\n"), ((await GetAsync("http://localhost:5280/healthz")) is var health ? health.Status : 0, health.Body));

        var (front, _, headers) = await GetAsync("http://localhost:5280/");
        Assert.Equal((302, "/meet/"), (front, headers.Location?.ToString()));

        Assert.Equal(0, Server.Stop());
    }

    [Theory]
    [InlineData("Stall")]
    [InlineData("Block")]
    [InlineData("Hang")]
    [InlineData("Starve")]
    public async Task A_plugin_that_never_stops_does_not_keep_the_server_for_more_than_five_seconds(string fault)
    {
        await StartAsync();
        Assert.Equal(0, Server.Stop());
        var directory = Directory.CreateDirectory(Path.Combine(Server.DataDirectory, "plugins", "DropIn")).FullName;
        File.Copy(Repository.DropIn, Path.Combine(directory, "DropIn.dll"));
        await Server.StartAgainAsync(settings: ["--Plugins:DropIn:Fault", fault]);

        var clock = System.Diagnostics.Stopwatch.StartNew();
        Assert.Equal(0, Server.Stop());

        Assert.InRange(clock.Elapsed, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(5.5)); // five, and the command that sends the signal
        if (fault == "Starve") Assert.Contains("Something did not stop within 4.7 s", Server.Command.Text, StringComparison.Ordinal);
        else Assert.Contains("The plugin DropIn did not stop well", Server.Command.Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Status_is_told_to_this_machine_only()
    {
        await StartAsync("--Server:Domain", "chat.test", "--Server:BindAddress", "0.0.0.0");

        var status = Server.Cli("status", "--json", "--Server:Domain", "chat.test");
        Assert.True(status.ExitCode == 0, status.All);
        var json = JsonDocument.Parse(status.Output).RootElement;
        Assert.Equal("chat.test", json.GetProperty("domains")[0].GetString());
        Assert.Equal("running", json.GetProperty("plugins").GetProperty("ExtDisco").GetString());
        Assert.Equal(0, json.GetProperty("sessions").GetProperty("chat.test").GetInt32());
        Assert.Contains("plugins.ExtDisco running", Server.Cli("status", "--Server:Domain", "chat.test").Output, StringComparison.Ordinal);

        Assert.Equal(200, (await GetAsync("http://127.0.0.1:5280/admin/status")).Status);
        Assert.Equal(404, (await GetAsync($"https://{NetworkNamespace.Address}:5281/admin/status")).Status);
        Assert.Equal(404, (await GetAsync("http://127.0.0.1:5280/admin/status", ("Host", "evil.test"))).Status);
    }

    [Fact]
    public async Task Plain_HTTP_from_a_network_serves_a_redirect_and_health_only()
    {
        await StartAsync("--Server:Domain", "chat.test");

        var (status, _, headers) = await GetAsync($"http://{NetworkNamespace.Address}:5280/meet/room?name=Ann");
        Assert.Equal((307, $"https://{NetworkNamespace.Address}:5281/meet/room?name=Ann"), (status, headers.Location!.ToString()));
        Assert.Equal(307, (await GetAsync($"http://{NetworkNamespace.Address}:5280/xmpp-websocket")).Status);
        Assert.Equal(307, (await GetAsync($"http://{NetworkNamespace.Address}:5280/.well-known/host-meta")).Status);
        Assert.Equal(200, (await GetAsync($"http://{NetworkNamespace.Address}:5280/healthz")).Status);
        Assert.Equal(200, (await GetAsync($"https://{NetworkNamespace.Address}:5281/meet/room")).Status);
        Assert.Equal(200, (await GetAsync("http://127.0.0.1:5280/meet/room")).Status);
    }

    [Fact]
    public async Task Host_meta_names_WebSocket_and_BOSH()
    {
        await StartAsync();

        Assert.Contains("href='ws://localhost:5280/xmpp-websocket'", (await GetAsync("http://localhost:5280/.well-known/host-meta")).Body, StringComparison.Ordinal);
        Assert.Contains("<Link rel='urn:xmpp:alt-connections:xbosh' href='http://localhost:5280/http-bind'/>", (await GetAsync("http://localhost:5280/.well-known/host-meta")).Body, StringComparison.Ordinal);
        var json = JsonDocument.Parse((await GetAsync("https://localhost:5281/.well-known/host-meta.json")).Body).RootElement;
        Assert.Equal("wss://localhost:5281/xmpp-websocket", json.GetProperty("links")[0].GetProperty("href").GetString());
        Assert.Equal("https://localhost:5281/http-bind", json.GetProperty("links")[1].GetProperty("href").GetString());
    }

    [Fact]
    public async Task Every_answer_binds_the_browsers_hands()
    {
        await StartAsync();

        foreach (var path in new[] { "/healthz", "/nothing", "/meet/room", "/.well-known/host-meta" })
        {
            var headers = (await GetAsync("http://localhost:5280" + path)).Headers;
            Assert.Equal("nosniff", headers.GetValues("X-Content-Type-Options").Single());
            Assert.Contains("frame-ancestors 'none'", headers.GetValues("Content-Security-Policy").Single(), StringComparison.Ordinal);
            // Web clients of other origins look for the WebSocket (XEP-0156 section 5); the rest is none of their business.
            Assert.Equal(path.Contains("host-meta", StringComparison.Ordinal), headers.Contains("Access-Control-Allow-Origin"));
            Assert.False(headers.Contains("Server"));
        }
    }

    [Fact]
    public async Task A_proxy_on_this_machine_is_let_in_by_name()
    {
        await StartAsync("--Listeners:Http:AllowedOrigins", "https://chat.example.org");

        Assert.Equal(200, (await GetAsync("http://127.0.0.1:5280/meet/room", ("Host", "chat.example.org"), ("Origin", "https://chat.example.org"))).Status);
        Assert.Equal(403, (await GetAsync("http://127.0.0.1:5280/meet/room", ("Host", "chat.example.org"), ("Origin", "https://other.example.org"))).Status);
        Assert.Equal(403, (await GetAsync("http://127.0.0.1:5280/meet/room", ("Host", "example.org"))).Status);
        // Behind it is the world, which is not this machine's administrator.
        Assert.Equal(404, (await GetAsync("http://127.0.0.1:5280/admin/status", ("Host", "chat.example.org"))).Status);
        Assert.Equal(404, (await GetAsync("http://127.0.0.1:5280/admin/status", ("X-Forwarded-For", "192.0.2.1"))).Status);
        Assert.Equal(200, (await GetAsync("http://127.0.0.1:5280/admin/status")).Status);
    }

    [Fact]
    public async Task Metrics_are_for_this_machine_and_for_whom_the_operator_names()
    {
        await StartAsync("--Server:Domain", "chat.test");
        var (status, body, _) = await GetAsync("http://127.0.0.1:5280/metrics");
        Assert.Equal(200, status);
        Assert.Matches("(?m)^parley_streams[^\n]* 0( |$)", body);
        Assert.Matches("(?m)^parley_sessions\\{[^\n]*domain=\"chat.test\"[^\n]*\\} 0( |$)", body);
        Assert.Matches("(?m)^parley_sessions_detached[^\n]* 0( |$)", body);
        Assert.Matches("(?m)^parley_unacknowledged[^\n]* 0( |$)", body);
        Assert.Matches("(?m)^parley_relay_conferences[^\n]* 0( |$)", body);
        Assert.Equal(404, (await GetAsync($"https://{NetworkNamespace.Address}:5281/metrics")).Status);
        Assert.Equal(404, (await GetAsync("http://127.0.0.1:5280/metrics", ("X-Forwarded-For", "192.0.2.1"))).Status);
        Assert.Equal(0, Server.Stop());

        await StartAsync("--Server:Domain", "chat.test", "--Listeners:Http:MetricsFrom", NetworkNamespace.Address + "/32");
        Assert.Equal(200, (await GetAsync($"https://{NetworkNamespace.Address}:5281/metrics")).Status);
        Assert.Equal(307, (await GetAsync($"http://{NetworkNamespace.Address}:5280/metrics")).Status);
    }

    [Fact]
    public async Task Accounts_are_made_listed_and_removed_while_the_server_runs_and_while_it_does_not()
    {
        await StartAsync();
        Assert.Equal(0, Server.Cli("user", "add", "ann@localhost", "--password", "one").ExitCode);
        Assert.Equal(0, Server.Stop());
        Assert.Equal(0, Server.Cli("user", "add", "bob@localhost", "--password", "two").ExitCode);

        Assert.Equal("ann@localhost\nbob@localhost\n", Server.Cli("user", "list").Output);
        Assert.Equal((1, "ann@localhost: this account exists already."), Failed("add", "ann@localhost", "--password", "x"));
        Assert.Equal((1, "eve@elsewhere.test: elsewhere.test is not served here; Server:Domains has localhost."), Failed("add", "eve@elsewhere.test", "--password", "x"));
        Assert.Equal((1, "localhost: is not an account's address, name@domain."), Failed("add", "localhost", "--password", "x"));
        Assert.Equal((1, "carl@localhost: there is no such account."), Failed("remove", "carl@localhost"));
        Assert.Equal((1, "carl@localhost: there is no such account."), Failed("password", "carl@localhost", "--password", "x"));
        Assert.Equal((1, "--password: a password is needed."), Failed("add", "carl@localhost"));
        Assert.Equal(0, Server.Cli("user", "remove", "ann@localhost").ExitCode);
        Assert.Equal("bob@localhost\n", Server.Cli("user", "list").Output);
    }

    [Fact]
    public async Task Accounts_are_exported_and_imported_beside_the_running_server()
    {
        await StartAsync();
        var scratch = Server.DataDirectory;
        var file = Path.Combine(scratch, "in.xml");
        await File.WriteAllTextAsync(file, """
            <server-data xmlns='urn:xmpp:pie:0'><host jid='localhost'><user name='ann' password='pencil'>
              <vCard xmlns='vcard-temp'><FN>Ann</FN></vCard><flag xmlns='urn:other'/>
            </user></host></server-data>
            """, Cancelled);
        var import = Server.Cli("import", file);
        Assert.Equal((0, ""), (import.ExitCode, import.Error));
        Assert.Equal($"Read 1 accounts from {file}, 1 of them new.\n  1 new vCard vcard-temp\n  1 flag urn:other: nothing here understands them, left out\n", import.Output);

        var exported = Path.Combine(scratch, "out.xml");
        var elsewhere = Path.Combine(scratch, "elsewhere");
        await File.WriteAllTextAsync(elsewhere, "somebody's", Cancelled);
        File.SetUnixFileMode(elsewhere, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        File.CreateSymbolicLink(exported + ".partial", elsewhere);
        Assert.Equal(0, Server.Cli("export", exported).ExitCode);
        Assert.Contains("<vCard xmlns=\"vcard-temp\"><FN>Ann</FN></vCard>", await File.ReadAllTextAsync(exported, Cancelled), StringComparison.Ordinal);
        Assert.Equal((UnixFileMode.UserRead | UnixFileMode.UserWrite, null), (File.GetUnixFileMode(exported), new FileInfo(exported).LinkTarget));
        Assert.Equal("somebody's", await File.ReadAllTextAsync(elsewhere, Cancelled));
        Assert.Equal((1, $"{exported}: exists already."), (Server.Cli("export", exported).ExitCode, Server.Cli("export", exported).Error.Trim()));
        Assert.Equal(1, Server.Cli("import", Path.Combine(scratch, "none.xml")).ExitCode);

        // The running server is as it was.
        Assert.Equal(0, Server.Cli("reload").ExitCode);
    }

    private (int, string) Failed(params string[] args) => Server.Cli(["user", .. args]) is var result ? (result.ExitCode, result.Error.Trim()) : default;

    private async Task<string> FirstScreenAsync()
    {
        await Server.Command.WaitForAsync("Ctrl-C", TimeSpan.FromSeconds(10));
        return Server.Command.Text;
    }
}
