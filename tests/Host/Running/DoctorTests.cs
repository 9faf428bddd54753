namespace Parley.tests.Host.Running;

/// <summary>The doctor finds what a caller would stumble over, and nothing where all is well.</summary>
public sealed class DoctorTests : RunningTest
{
    [Fact]
    public async Task A_server_that_runs_is_well_and_one_without_TURN_or_that_stopped_is_not()
    {
        await StartAsync();

        var well = Server.Cli("doctor");
        Assert.True(well.ExitCode == 0, well.All);
        Assert.Contains("STUN answers over UDP at 127.0.0.1:3478", well.Output, StringComparison.Ordinal);
        Assert.Contains("Listeners:C2S:Port: port 5222 is open", well.Output, StringComparison.Ordinal);
        Assert.Contains("two join a call at ", well.Output, StringComparison.Ordinal);
        Assert.EndsWith("0 failures, 0 warnings\n", well.Output, StringComparison.Ordinal);

        Sick("Turn:Enabled is false", "--Turn:Enabled", "false");
        Sick("the plugin MediaRelay is off", "--Plugins:MediaRelay:Enabled", "false");
        Sick("Turn:Port is 3999, but the running server sends clients to port 3478", "--Turn:Port", "3999");
        Sick("Listeners:C2S:Port: nothing listens at 127.0.0.1 port 5999", "--Listeners:C2S:Port", "5999");

        Server.Stop();
        Sick("is it running?");
    }

    [Fact]
    public async Task Names_and_certificates_are_looked_at_as_others_see_them()
    {
        await StartAsync("--Server:Domain", "chat.example");

        var result = Server.Cli("doctor", "--Server:Domain", "chat.example");

        Assert.Equal(1, result.ExitCode);
        Assert.Contains("FAILURE  chat.example has no address", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning  browsers and clients will not trust the certificate", result.Output, StringComparison.Ordinal);
        Assert.Contains("warning  Server:AdvertisedAddress: 10.99.0.1 is a private address", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_at_another_loopback_address_without_plain_HTTP_is_found()
    {
        string[] settings = ["--Server:BindAddress", "127.0.0.2", "--Listeners:Http:Port", "0"];
        await StartAtAsync("https://127.0.0.2:5281", settings);

        var status = Server.Cli(["status", .. settings]);
        Assert.True(status.ExitCode == 0, status.All);
        var doctor = Server.Cli(["doctor", .. settings]);
        Assert.True(doctor.ExitCode == 0, doctor.All);
        Assert.Contains("the server runs and answers for itself", doctor.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_server_at_an_address_of_a_network_without_plain_HTTP_is_found()
    {
        string[] settings = ["--Server:BindAddress", "10.99.0.1", "--Listeners:Http:Port", "0"];
        await StartAtAsync("https://10.99.0.1:5281", settings);

        var status = Server.Cli(["status", .. settings]);

        Assert.True(status.ExitCode == 0, status.All);
    }

    private void Sick(string finding, params string[] settings)
    {
        var result = Server.Cli(["doctor", .. settings]);
        Assert.Equal(1, result.ExitCode);
        Assert.Contains(result.Output.Split('\n'), l => l.StartsWith("FAILURE", StringComparison.Ordinal) && l.Contains(finding, StringComparison.Ordinal));
    }
}
