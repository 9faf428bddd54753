using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>The doctor names the right cause, from the server's own machine and from another, and none where there is none.</summary>
public sealed class DoctorTests : IDisposable
{
    private readonly DoctorLab _lab = new();

    [Fact]
    public async Task Blocked_ports_are_told_apart_and_a_clock_that_is_off_by_a_day_is_named()
    {
        await _lab.StartAsync();

        var (outside, inside) = (await _lab.LookFromOutsideAsync(), await _lab.LookFromInsideAsync());
        outside.Fails();
        Assert.Superset(new HashSet<string> { "names", "ports", "clock", "web", "login", "discovery", "services", "stun", "turn-udp", "turn-tcp", "turn-tls", "relay-ports", "call" }, outside.Well);
        inside.Fails();
        Assert.Superset(new HashSet<string> { "configuration", "running", "ports", "login", "stun", "turn-udp", "turn-tls", "call" }, inside.Well);
        // The account of its own has gone.
        Assert.Equal($"ann@{DoctorLab.Domain}\n", _lab.Server.Cli("user", "list").Output);

        foreach (var (ports, cause) in new[] { ("3478", "turn-port-blocked"), ("49152-65535", "relay-range-blocked"), ("10000-10063", "media-port-blocked") })
        {
            _lab.Block(ports);
            await _lab.FailsAsync(cause);
        }

        _lab.Block(null);
        foreach (var report in await Task.WhenAll(_lab.LookFromOutsideAsync("+1d"), _lab.LookFromOutsideAsync("-1d")))
        {
            report.Fails("clock-off");
            Assert.Matches("differ by (23 h 59|24 h 0) min", report.Text);
        }
    }

    [Fact]
    public async Task A_wrong_address_and_a_private_one_are_named()
    {
        await _lab.StartAsync("--Server:AdvertisedAddress", DoctorLab.NobodysAddress);
        await _lab.FailsAsync("advertised-address-wrong");

        await _lab.ChangeAsync("--Server:AdvertisedAddress", DoctorLab.PrivateAddress);
        await _lab.FailsAsync("advertised-address-private");
    }

    [Fact]
    public async Task An_expired_certificate_and_services_that_nobody_is_told_of_are_named()
    {
        await _lab.StartAsync([.. _lab.MakeCertificate(DateTimeOffset.UtcNow.AddDays(-90), DateTimeOffset.UtcNow.AddDays(-1)), "--Plugins:ExtDisco:Enabled", "false"]);
        await _lab.FailsAsync("certificate-expired", "extdisco-off");

        await _lab.ChangeAsync("--Turn:Enabled", "false");
        (await _lab.LookFromOutsideAsync()).Fails("turn-not-listed");
        (await _lab.LookFromInsideAsync()).Fails("turn-off");
    }

    [Fact]
    public async Task Two_servers_with_different_secrets_are_named()
    {
        using var other = await ServerProcess.StartAsync(_lab.Outside, settings: ["--Server:Domain", "other.parley.dev", "--Plugins:TurnCredentials:Secret", "one-secret-of-many-letters"]);
        string[] service = ["--Plugins:ExtDisco:Services:0:Type", "turn", "--Plugins:ExtDisco:Services:0:Host", "other.parley.dev", "--Plugins:ExtDisco:Services:0:Secret"];
        await _lab.StartAsync([.. service, "another-secret-of-many-letters"]);
        (await _lab.LookFromInsideAsync()).Fails("turn-secret-wrong");

        await _lab.ChangeAsync([.. service, "one-secret-of-many-letters"]);
        (await _lab.LookFromInsideAsync()).Fails();
    }

    public void Dispose()
    {
        if (TestContext.Current.TestState?.Result == TestResult.Failed && _lab.Server is not null) TestContext.Current.TestOutputHelper?.WriteLine("--- server\n" + _lab.Server.Command.Text);
        _lab.Dispose();
    }
}
