using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Group calls in a chat room (XEP-0272) on the wire of the whole server: what clients see of one another, and whom they call.</summary>
public sealed class MujiTests : WireTest
{
    private const string Room = "tea@rooms.localhost", Focus = "tea@calls.localhost/focus", Password = "correct horse";

    private const string Offer = """
        <content creator='initiator' name='audio' senders='both'><description xmlns='urn:xmpp:jingle:apps:rtp:1' media='audio'><payload-type id='111' name='opus' clockrate='48000' channels='2'/><rtcp-mux/></description>
        <transport xmlns='urn:xmpp:jingle:transports:ice-udp:1' ufrag='abcd' pwd='0123456789012345678901'><fingerprint xmlns='urn:xmpp:jingle:apps:dtls:0' hash='sha-256' setup='actpass'>FINGERPRINT</fingerprint></transport></content>
        """;

    [Fact]
    public async Task Each_sees_the_focus_alone_calls_it_and_is_out_of_the_call_with_the_room()
    {
        await StartServerAsync();
        await using var ann = await EnterAsync("ann");
        await using var ben = await EnterAsync("ben");
        foreach (var (client, name) in new[] { (ann, "ann"), (ben, "ben") })
        {
            Assert.Matches($"<presence [^>]*from='{Room}/Call'(?:(?!</presence>).)*<muji [^>]*><content [^>]*name='audio'(?:(?!</presence>).)*jid='{Focus}'", client.Heard);
            // One's own, which clients wait for.
            Assert.Matches($"<presence [^>]*from='{Room}/{name}'(?:(?!</presence>).)*<preparing", client.Heard);
        }

        await ann.HearAsync($"<presence [^>]*from='{Room}/ben'");
        Assert.DoesNotMatch($"<presence [^>]*from='{Room}/ben'(?:(?!</presence>).)*<muji", ann.Heard);
        Assert.DoesNotMatch($"<presence [^>]*from='{Room}/ann'(?:(?!</presence>).)*<muji", ben.Heard);

        foreach (var client in new[] { ann, ben })
        {
            await client.SendAsync(Initiate("s1"));
            await client.HearAsync("<jingle [^>]*action='session-accept'");
        }

        // The room's owner puts Ben out.
        await ChatPeople.AskAsync(ann, "<query xmlns='http://jabber.org/protocol/muc#admin'><item nick='ben' role='none'/></query>", Room);
        await ben.HearAsync("<jingle [^>]*action='session-terminate'");
        await ben.SendAsync(Initiate("s2"));
        await ben.HearAsync("<iq [^>]*id='s2'[^>]*type='error'|<iq [^>]*type='error'[^>]*id='s2'");
        Assert.Matches("<forbidden ", ben.Heard);
        Assert.DoesNotMatch("session-terminate", ann.Heard);
    }

    [Fact]
    public async Task Where_the_mesh_is_wanted_the_room_is_as_the_XEP_has_it()
    {
        await StartServerAsync("--Plugins:FocusAgent:Muji", "Mesh");
        await using var ann = await EnterAsync("ann");
        await using var ben = await EnterAsync("ben");
        Assert.Matches($"<presence [^>]*from='{Room}/ann'(?:(?!</presence>).)*<preparing", ben.Heard);
        await ann.HearAsync($"<presence [^>]*from='{Room}/ben'(?:(?!</presence>).)*<preparing");
        Assert.DoesNotMatch($"{Room}/Call", ann.Heard);
    }

    private static string Initiate(string id) =>
        $"<iq type='set' id='{id}' to='{Focus}'><jingle xmlns='urn:xmpp:jingle:1' action='session-initiate' sid='{id}'><muji xmlns='urn:xmpp:jingle:muji:0' room='{Room}'/>{Offer.Replace("FINGERPRINT", string.Join(':', Enumerable.Repeat("AB", 32)), StringComparison.Ordinal)}</jingle></iq>";

    private async Task StartServerAsync(params string[] settings)
    {
        await StartAsync(settings);
        foreach (var name in new[] { "ann", "ben" }) Server.AddUser(name + "@localhost", Password);
    }

    private async Task<XmppTestClient> EnterAsync(string name)
    {
        var client = await XmppTestClient.ConnectAsync(Namespace, isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync(name, Password);
        await client.SendAsync($"<presence/><presence to='{Room}/{name}'><x xmlns='http://jabber.org/protocol/muc'/><muji xmlns='urn:xmpp:jingle:muji:0'><preparing/></muji></presence>");
        await client.HearAsync("<status code='110'");
        // Ann makes the room.
        if (name == "ann") await ChatPeople.AskAsync(client, "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>", Room);
        return client;
    }
}
