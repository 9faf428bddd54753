using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp as two people who chat.</summary>
public sealed class ChatTests : WireTest
{
    [Fact]
    public async Task Two_people_log_in_become_contacts_and_write_to_each_other_though_one_is_away()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "chat", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        foreach (var login in told.GetProperty("logins").EnumerateArray())
        {
            Assert.StartsWith("SCRAM-SHA-", login.GetProperty("mechanism").GetString());
            Assert.Equal("TLSv1.3", login.GetProperty("tls").GetString());
        }

        Assert.Empty(told.GetProperty("first_roster").EnumerateObject());
        Assert.Equal("busy", told.GetProperty("status").GetString());
        Assert.Equal("hello Ünïcode 😀 <&>", told.GetProperty("to_bare")[0].GetString());
        Assert.StartsWith("ann@localhost/", told.GetProperty("to_bare")[1].GetString());
        Assert.Equal("and back", told.GetProperty("to_full")[0].GetString());
        Assert.Equal("both", told.GetProperty("second_roster").GetProperty("ann@localhost").GetString());
        Assert.Equal("for later", told.GetProperty("offline")[0].GetString());
        Assert.True(told.GetProperty("offline")[2].GetBoolean(), "an offline message tells when it was sent");
        Assert.True(told.GetProperty("ping").GetBoolean());
        var features = Strings(told.GetProperty("features"));
        Assert.Contains("urn:xmpp:extdisco:2", features);
        Assert.Contains("urn:xmpp:ping", features);
        Assert.Contains("vcard-temp", features);
        Assert.Contains("calls.localhost", Strings(told.GetProperty("items")));
    }

    [Fact]
    public async Task A_call_rings_on_both_devices_and_the_one_hears_that_the_other_took_it()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var heard = PythonClient.Run(Namespace, "devices", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        string Words(string device) => string.Join(", ", heard.GetProperty(device).EnumerateArray().Select(h => $"{h[0].GetString()} {h[1].GetString()}"));
        Assert.Equal("direct proceed", Words("caller"));
        Assert.Equal("direct propose, direct to the phone, direct for the phone alone, direct the last", Words("phone"));
        Assert.Equal("direct propose, sent proceed, received to the phone", Words("laptop"));
        Assert.All(heard.GetProperty("laptop").EnumerateArray().Skip(1), h => Assert.Equal("bob@localhost", h[2].GetString()));
    }

    [Fact]
    public async Task A_client_whose_connection_breaks_goes_on_with_nothing_lost_and_nothing_twice()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "resumption", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        Assert.True(told.GetProperty("enabled").GetBoolean());
        Assert.Equal(["session_resumed", "session_resumed"], Strings(told.GetProperty("events")));
        // The call that was taken back meanwhile does not ring; that there was one may show.
        Assert.Equal(["1", "2", "3", "4", "retract", "5"], Strings(told.GetProperty("heard")));
        Assert.Equal(["from ann 1", "from ann 2"], Strings(told.GetProperty("answers")));
        Assert.Empty(told.GetProperty("before_goodbye").EnumerateArray());
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_server_that_stops_keeps_what_a_client_never_acknowledged(bool isAway)
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");
        await using (var ann = await LogInAsync("ann", "correct horse"))
        await using (var bob = await LogInAsync("bob", "battery staple"))
        {
            await ann.SendAsync("<presence/><enable xmlns='urn:xmpp:sm:3' resume='true'/>");
            await ann.HearAsync("<enabled ");
            if (isAway) await ann.DisposeAsync();
            await bob.SendAsync("<message to='ann@localhost' type='chat'><body>before</body></message><iq type='get' id='done'><ping xmlns='urn:xmpp:ping'/></iq>");
            await bob.HearAsync("id='done'");
            Assert.Equal(0, Server.Stop());
        }

        await Server.StartAgainAsync();
        await using var again = await LogInAsync("ann", "correct horse");
        await again.SendAsync("<presence/>");
        await again.HearAsync("<body>before</body>.*<delay [^>]*from='localhost'");
    }

    private async Task<XmppTestClient> LogInAsync(string user, string password)
    {
        var client = await XmppTestClient.ConnectAsync(Namespace, isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync(user, password);
        return client;
    }

    [Fact]
    public async Task Two_domains_on_one_server_keep_their_people_apart_and_let_them_talk()
    {
        await StartAsync("--Server:Domain", "one.test", "--Server:Domains:0", "two.test", "--Server:BindAddress", "127.0.0.1");
        Server.AddUser("ann@one.test", "first");
        Server.AddUser("ann@two.test", "second");
        Server.AddUser("bob@two.test", "third");

        var told = PythonClient.Run(Namespace, "chat", Server.Certificate, "ann@one.test", "first", "bob@two.test", "third");
        Assert.StartsWith("ann@one.test/", told.GetProperty("to_bare")[1].GetString());
        Assert.StartsWith("bob@two.test/", told.GetProperty("to_full")[1].GetString());
        Assert.Contains("calls.two.test", Strings(told.GetProperty("items")));

        // The same name in the other domain is somebody else, with another password.
        await using var wrong = await XmppTestClient.ConnectAsync(Namespace, "two.test", isDirectTls: true);
        await wrong.OpenAsync();
        await wrong.SendAsync($"<auth xmlns='urn:ietf:params:xml:ns:xmpp-sasl' mechanism='PLAIN'>{Convert.ToBase64String("\0ann\0first"u8)}</auth>");
        await wrong.HearAsync("<not-authorized ?/>");
        await using var right = await XmppTestClient.ConnectAsync(Namespace, "two.test", isDirectTls: true);
        await right.OpenAsync();
        Assert.StartsWith("ann@two.test/", await right.LoginWithPasswordAsync("ann", "second"));
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}
