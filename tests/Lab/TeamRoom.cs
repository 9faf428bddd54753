namespace Parley.tests.Lab;

/// <summary>A chat room for members who see one another's addresses, which is where Dino offers group calls; the members' devices enter it by themselves.</summary>
public sealed class TeamRoom : IAsyncDisposable
{
    private const string PubSub = "http://jabber.org/protocol/pubsub";
    private readonly XmppTestClient _owner;

    private TeamRoom(XmppTestClient owner) => _owner = owner;

    /// <summary>Its address.</summary>
    public const string Address = "team@rooms.localhost";

    /// <summary>Makes it.</summary>
    /// <param name="ns">Where the server is, which has the accounts.</param>
    /// <param name="password">The password of all.</param>
    /// <param name="owner">Whose it is, a node.</param>
    /// <param name="members">Its members, nodes; each gets a bookmark (XEP-0402) and has its node as nickname.</param>
    public static async Task<TeamRoom> MakeAsync(NetworkNamespace ns, string password, string owner, params string[] members)
    {
        var client = await LogInAsync(ns, owner, password);
        await client.SendAsync($"<presence to='{Address}/{owner}'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await client.HearAsync("<status code='110'");
        await ChatPeople.AskAsync(client, $"""
            <query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE'><value>http://jabber.org/protocol/muc#roomconfig</value></field>
            <field var='muc#roomconfig_membersonly'><value>1</value></field><field var='muc#roomconfig_whois'><value>anyone</value></field></x></query>
            """, Address);
        foreach (var member in members)
        {
            await ChatPeople.AskAsync(client, $"<query xmlns='http://jabber.org/protocol/muc#admin'><item affiliation='member' jid='{member}@localhost'/></query>", Address);
            await using var device = await LogInAsync(ns, member, password);
            await ChatPeople.AskAsync(device, $"""
                <pubsub xmlns='{PubSub}'><publish node='urn:xmpp:bookmarks:1'>
                <item id='{Address}'><conference xmlns='urn:xmpp:bookmarks:1' name='Team' autojoin='true'><nick>{member}</nick></conference></item></publish>
                <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{PubSub}#publish-options</value></field>
                <field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field>
                <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub>
                """);
        }

        return new TeamRoom(client);
    }

    /// <summary>Waits until a member is in it.</summary>
    public Task SeesAsync(string member) => _owner.HearAsync($"<presence [^>]*from='{Address}/{member}'");

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    private static async Task<XmppTestClient> LogInAsync(NetworkNamespace ns, string node, string password)
    {
        var client = await XmppTestClient.ConnectAsync(ns, isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync(node, password);
        await client.SendAsync("<presence/>");
        return client;
    }
}
