using System.Text.Json;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's slixmpp at the service for everybody (XEP-0060), and a server without it.</summary>
public sealed class PubSubTests : WireTest
{
    [Fact]
    public async Task People_make_nodes_publish_subscribe_and_manage_them()
    {
        await StartAsync();
        Server.AddUser("ann@localhost", "correct horse");
        Server.AddUser("bob@localhost", "battery staple");

        var told = PythonClient.Run(Namespace, "pubsub", Server.Certificate, "ann@localhost", "correct horse", "bob@localhost", "battery staple");

        Assert.True(told.GetProperty("listed").GetBoolean());
        Assert.Equal(["pubsub/service"], Strings(told.GetProperty("identities")));
        Assert.Equal("conflict", told.GetProperty("again").GetString());
        Assert.Equal("The news", told.GetProperty("title").GetString());
        Assert.Equal(["news"], Strings(told.GetProperty("nodes")));
        Assert.Equal(["First", "Second", "Third"], Strings(told.GetProperty("heard")));
        Assert.Equal(["second", "third"], Strings(told.GetProperty("kept")));
        Assert.Equal("forbidden", told.GetProperty("forbidden").GetString());
        Assert.Null(told.GetProperty("allowed").GetString());
        Assert.Equal(["news", "publisher"], Strings(told.GetProperty("affiliations")[0]));
        Assert.Equal(["bob@localhost"], Strings(told.GetProperty("subscribers")));
        Assert.Equal("not-allowed", told.GetProperty("closed").GetString());
        Assert.Equal(["retract", "purge", "delete"], Strings(told.GetProperty("end")));
        Assert.Equal("item-not-found", told.GetProperty("gone").GetString());
    }

    [Fact]
    public async Task Turned_off_it_is_not_there_and_its_domain_is_free()
    {
        await StartAsync("--Plugins:PubSub:Service", "false", "--Components:0:Name", "pubsub.localhost", "--Components:0:Secret", "x");
        Server.AddUser("ann@localhost", "secret");
        await using var client = await XmppTestClient.ConnectAsync(Namespace, "localhost", isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync("ann", "secret");
        await client.SendAsync("<iq xmlns='jabber:client' type='get' id='x' to='pubsub.localhost'><query xmlns='http://jabber.org/protocol/disco#info'/></iq>");
        Assert.Contains("remote-server-timeout", (await client.HearAsync("<iq [^>]*id=['\"]x['\"].*?</iq>")).Value, StringComparison.Ordinal);
    }

    private static IEnumerable<string?> Strings(JsonElement list) => list.EnumerateArray().Select(f => f.GetString());
}
