using System.Text.RegularExpressions;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>An account is made by an invitation, administers the server from its client, and leaves.</summary>
public sealed class AccountTests : WireTest
{
    [Fact]
    public async Task Somebody_invited_makes_an_account_and_an_administrator_runs_commands()
    {
        await StartAsync("--Plugins:Registration:Mode", "Invite", "--Plugins:Admin:Accounts:0", "new@localhost");
        var invited = Server.Cli("invite", "--user", "new");
        Assert.True(invited.ExitCode == 0, invited.All);
        var token = Regex.Match(invited.All, "xmpp:new@localhost\\?register;preauth=([\\w-]+)").Groups[1].Value;
        Assert.Equal(24, token.Length);

        await using var client = await XmppTestClient.ConnectAsync(Namespace, isDirectTls: true);
        await client.SendAsync(client.Header);
        await client.HearAsync("<register xmlns='urn:xmpp:ibr-token:0' ?/>.*</stream:features>");
        await client.SendAsync("<iq type='set' id='r0' to='localhost'><query xmlns='jabber:iq:register'><username>new</username><password>secret</password></query></iq>");
        await client.HearAsync("id='r0'.*<not-allowed ");
        await client.SendAsync($"<iq type='set' id='r1' to='localhost'><preauth xmlns='urn:xmpp:pars:0' token='{token}'/></iq>");
        await client.HearAsync("<iq [^>]*type='result'[^>]*id='r1'|<iq [^>]*id='r1'[^>]*type='result'");
        await client.SendAsync("<iq type='set' id='r2' to='localhost'><query xmlns='jabber:iq:register'><username>new</username><password>secret</password></query></iq>");
        await client.HearAsync("<iq [^>]*type='result'[^>]*id='r2'|<iq [^>]*id='r2'[^>]*type='result'");
        await client.LoginWithPasswordAsync("new", "secret");

        await client.SendAsync("<iq type='get' id='c1' to='localhost'><query xmlns='http://jabber.org/protocol/disco#items' node='http://jabber.org/protocol/commands'/></iq>");
        await client.HearAsync("admin#add-user");
        const string Add = "http://jabber.org/protocol/admin#add-user", Data = "<x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/admin</value></field>";
        await client.SendAsync($"<iq type='set' id='c2' to='localhost'><command xmlns='http://jabber.org/protocol/commands' node='{Add}'>{Data}"
            + "<field var='accountjid'><value>other@localhost</value></field><field var='password'><value>pw</value></field><field var='password-verify'><value>pw</value></field></x></command></iq>");
        await client.HearAsync("status='completed'.*Added other@localhost");
        Assert.Contains("other@localhost", Server.Cli("user", "list").All, StringComparison.Ordinal);

        await client.SendAsync("<iq type='set' id='d1'><query xmlns='jabber:iq:register'><remove/></query></iq>");
        await client.HearAsync("id='d1'");
        Assert.Contains("not-authorized", await client.HearEndAsync(), StringComparison.Ordinal);
        Assert.DoesNotContain("new@localhost", Server.Cli("user", "list").All, StringComparison.Ordinal);
    }
}
