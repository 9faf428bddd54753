using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>A server behind a NAT learns from Debian's coturn where it is, and from then on how that changes.</summary>
public sealed class AdvertisedAddressTests
{
    private const string Elsewhere = "198.51.100.2", Stun = "198.51.100.20";

    [Fact]
    public async Task Auto_asks_a_stun_server_and_clients_are_told_when_the_address_changes()
    {
        using var lab = new NatLab(isServerBehindNat: true);
        var coturn = lab.AddHost(Stun).Start("turnserver", ["-n", "--stun-only", "--listening-ip", Stun, "--listening-port", "3478", "--no-tls", "--no-dtls", "--no-cli", "--log-file", "stdout", "--pidfile", "/dev/null"]);
        await coturn.WaitForAsync("Total General servers", TimeSpan.FromSeconds(20));
        using var server = await ServerProcess.StartAsync(lab.Server, settings: ["--Server:Domain", NatLab.Domain, "--Server:StunServer", Stun]);
        server.AddUser("ann@" + NatLab.Domain, "pw");
        await using var client = await XmppTestClient.ConnectAsync(lab.Server, NatLab.Domain, address: lab.ServerAddress);
        await client.OpenAsync();
        await client.StartTlsAsync();
        await client.LoginWithPasswordAsync("ann", "pw");

        await client.SendAsync("<iq xmlns='jabber:client' type='get' id='services' to='chat.test'><services xmlns='urn:xmpp:extdisco:2' type='turn'/></iq>");
        await client.HearAsync($"<service [^>]*host='{NatLab.PublicAddress}'");

        lab.MoveServer(Elsewhere);
        // Looked at every half minute, pushed within five seconds more (XEP-0215 section 3.2).
        var told = await client.HearAsync($"<service [^>]*host='{Elsewhere}'[^>]*username='([^']+)' password='([^']+)'", TimeSpan.FromSeconds(60));
        string Allocated() => PythonClient.Run(lab.Server, "turn_peers", lab.ServerAddress, told.Groups[1].Value, told.Groups[2].Value).GetProperty("relayed")[0].GetString()!;
        // The relay's workers look every five seconds, at what the relay's host looked at in five.
        var relayed = Allocated();
        for (var clock = System.Diagnostics.Stopwatch.StartNew(); relayed != Elsewhere && clock.Elapsed < TimeSpan.FromSeconds(15); await Task.Delay(500, TestContext.Current.CancellationToken)) relayed = Allocated();
        Assert.Equal(Elsewhere, relayed);
        Assert.Contains($"others reach this server at {Elsewhere} now, no longer at {NatLab.PublicAddress}", server.Command.Text, StringComparison.Ordinal);
    }
}
