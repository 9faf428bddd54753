using Parley.tests.Lab;

namespace Parley.tests.Browser;

/// <summary>The call page in three browsers whose networks let less and less out: the server's media port, then TURN over TCP, then nothing but port 443.</summary>
public sealed class NatRoomTests : IAsyncDisposable
{
    private const string Room = "team";

    private readonly List<Caller> _callers = [];
    private NatLab _lab = null!;
    private ServerProcess? _server;

    [Fact]
    public async Task Three_meet_whatever_their_networks_let_out()
    {
        _lab = new NatLab();
        _server = await ServerProcess.StartAsync(
            _lab.Server,
            settings:
            [
                "--Server:Domain", NatLab.Domain, "--Listeners:Https:Port", "443", "--Guests:Enabled", "true", "--Meet:AllowAutoJoin", "true", "--Plugins:FocusAgent:OpenTo", "guests",
            ]);
        _server.AddUser($"host@{NatLab.Domain}", "pw");
        var reserved = _server.Cli("room", "reserve", $"{Room}@calls.{NatLab.Domain}", "--account", $"host@{NatLab.Domain}");
        Assert.True(reserved.ExitCode == 0, reserved.All);

        await Task.WhenAll(JoinAsync(_lab.HostA, "Ann"), JoinAsync(_lab.HostA, "Eve"), JoinAsync(_lab.HostB, "Bob"));
        await MeetAsync();

        _lab.NatA.Let(Outlet.NoUdp);
        _lab.NatB.Let(Outlet.Only443);
        foreach (var caller in _callers) await caller.Page.ReloadAsync();
        await MeetAsync();
        foreach (var caller in _callers)
        {
            var pairs = (await caller.ViewAsync()).Pairs;
            Assert.NotEmpty(pairs);
            Assert.All(pairs, p => Assert.Equal("relay", p.Local));
            Assert.Contains(pairs, p => p.Protocol == "tls" || (caller.Name != "Bob" && p.Protocol == "tcp"));
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed && _server is not null)
        {
            TestContext.Current.TestOutputHelper?.WriteLine(string.Join("\n", _callers.Select(c => $"--- {c.Name}\n{c.Script.Console}").Append(_server.Command.Text)));
        }

        foreach (var caller in _callers) await caller.DisposeAsync();
        _server?.Dispose();
        _lab?.Dispose();
    }

    private async Task JoinAsync(NetworkNamespace host, string name)
    {
        var gate = host.Gate();
        var browser = await Chromium.LaunchAsync(host, gate, [Chromium.FakeDevices, Chromium.GrantDevices, "--ignore-certificate-errors"]);
        var page = await (await browser.NewContextAsync()).NewPageAsync();
        lock (_callers) _callers.Add(new Caller(name, new ChromiumPage(page, browser), gate));
        await page.GotoAsync($"https://{NatLab.Domain}/meet/{Room}?name={name}&join=now");
    }

    private async Task MeetAsync()
    {
        foreach (var caller in _callers) await caller.SeesAsync(3, CallTest.Join);
        foreach (var caller in _callers) await caller.ReceivesAsync(2, CallTest.Join);
        await Task.WhenAll(_callers.Select(c => c.KeepsReceivingAsync(2, CallTest.Watch)));
    }
}
