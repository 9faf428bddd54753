using Parley.tests.Lab;

namespace Parley.tests.Host.Running;

/// <summary>Two domains on one server share nothing but the process.</summary>
public sealed class TwoDomainsTests : RunningTest
{
    private static readonly string[] Settings = ["--Server:Domain", "one.test", "--Server:Domains", "two.test", "--Server:BindAddress", "127.0.0.1"];

    [Fact]
    public async Task Accounts_guests_and_rooms_of_two_domains_live_side_by_side()
    {
        await StartAsync(Settings);
        AddUser("ann@one.test", "first");
        AddUser("ann@two.test", "second");

        await using var one = await LoginAsync("one.test", "ann", "first");
        await using var two = await LoginAsync("two.test", "ann", "second");

        // The same name is another account: the other one's password does not open it.
        await using var wrong = await XmppTestClient.ConnectAsync(Namespace, "two.test", isDirectTls: true);
        await wrong.OpenAsync();
        await wrong.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String("\0ann\0first"u8)}</auth>");
        await wrong.HearAsync("<failure .*not-authorized");

        // They write to each other across the domains.
        await one.SendAsync("<presence xmlns='jabber:client'/>");
        await two.SendAsync("<presence xmlns='jabber:client'/><message xmlns='jabber:client' to='ann@one.test' type='chat'><body>across</body></message>");
        Assert.Matches("from=['\"]ann@two.test/", (await one.HearAsync("<message [^>]*>.*across")).Value);

        // Each domain answers for itself, lists its own call rooms, and has guests of its own.
        foreach (var (client, domain) in new[] { (one, "one.test"), (two, "two.test") })
        {
            await client.SendAsync($"<iq xmlns='jabber:client' type='get' id='items' to='{domain}'><query xmlns='http://jabber.org/protocol/disco#items'/></iq>");
            var items = (await client.HearAsync("<iq [^>]*id=['\"]items['\"].*?</iq>")).Value;
            Assert.Contains($"calls.{domain}", items, StringComparison.Ordinal);
            Assert.DoesNotContain(domain == "one.test" ? "two.test" : "one.test", items.Replace($"ann@{domain}", "", StringComparison.Ordinal), StringComparison.Ordinal);
            await using var guest = await XmppTestClient.ConnectWebSocketAsync(Namespace, "guest." + domain);
            Assert.EndsWith($"@guest.{domain}", (await guest.LoginAsGuestAsync()).Split('/')[0], StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task A_plugin_serves_the_domains_that_it_is_told_to()
    {
        await StartAsync([.. Settings, "--Plugins:ExtDisco:Hosts", "two.test"]);
        AddUser("ann@one.test", "first");
        AddUser("ann@two.test", "second");

        await using var one = await LoginAsync("one.test", "ann", "first");
        await using var two = await LoginAsync("two.test", "ann", "second");
        await one.SendAsync("<iq xmlns='jabber:client' type='get' id='x' to='one.test'><services xmlns='urn:xmpp:extdisco:2'/></iq>");
        await two.SendAsync("<iq xmlns='jabber:client' type='get' id='x' to='two.test'><services xmlns='urn:xmpp:extdisco:2'/></iq>");

        Assert.Contains("service-unavailable", (await one.HearAsync("<iq [^>]*id=['\"]x['\"].*?</iq>")).Value, StringComparison.Ordinal);
        Assert.Matches("type=['\"]result", (await two.HearAsync("<iq [^>]*id=['\"]x['\"].*?(/>|</iq>)")).Value);
    }

    private async Task<XmppTestClient> LoginAsync(string domain, string user, string password)
    {
        var client = await XmppTestClient.ConnectAsync(Namespace, domain, isDirectTls: true);
        await client.OpenAsync();
        Assert.StartsWith($"{user}@{domain}/", await client.LoginWithPasswordAsync(user, password), StringComparison.Ordinal);
        return client;
    }

    private void AddUser(string jid, string password)
    {
        var result = Server.Cli(["user", "add", jid, "--password", password, .. Settings]);
        Assert.True(result.ExitCode == 0, result.All);
    }
}
