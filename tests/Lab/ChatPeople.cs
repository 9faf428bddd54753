using System.Security.Cryptography;

namespace Parley.tests.Lab;

/// <summary>The people around a client under test: Bob, to whom it writes, and another device of its own account, each a contact of the other's.</summary>
public sealed class ChatPeople : IAsyncDisposable
{
    /// <summary>The client's account, and that of the person on the other side.</summary>
    public const string Ann = "ann@localhost", Bob = "bob@localhost";

    /// <summary>The password of both.</summary>
    public const string Password = "correct horse";

    /// <summary>Bob's room, in which Ann's nick is <c>annie</c>.</summary>
    public const string Room = "tea@rooms.localhost";

    private const string PubSub = "http://jabber.org/protocol/pubsub";

    private ChatPeople(XmppTestClient tablet, XmppTestClient bob) => (AnnsTablet, BobClient) = (tablet, bob);

    /// <summary>A picture of one dot, as PNG.</summary>
    public static byte[] Dot => Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==");

    /// <summary>Ann's other device; it has carbons (XEP-0280).</summary>
    public XmppTestClient AnnsTablet { get; }

    /// <summary>The other side.</summary>
    public XmppTestClient BobClient { get; }

    /// <summary>Logs both in and lets them become contacts.</summary>
    /// <param name="ns">Where the server is, which has both accounts.</param>
    public static async Task<ChatPeople> MeetAsync(NetworkNamespace ns)
    {
        var (ann, bob) = (await LogInAsync(ns, "ann"), await LogInAsync(ns, "bob"));
        await ann.SendAsync($"<presence to='{Bob}' type='subscribe'/>");
        await bob.HearAsync("type='subscribe'");
        await bob.SendAsync($"<presence to='{Ann}' type='subscribed'/><presence to='{Ann}' type='subscribe'/>");
        await ann.HearAsync("type='subscribe'");
        await ann.SendAsync($"<presence to='{Bob}' type='subscribed'/>");
        await bob.HearAsync("type='subscribed'");
        return new ChatPeople(ann, bob);
    }

    /// <summary>Lets Bob make his room and Ann's tablet bookmark it (XEP-0402) for her devices to enter by themselves.</summary>
    public async Task OpenRoomAsync()
    {
        await BobClient.SendAsync($"<presence to='{Room}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence>");
        await BobClient.HearAsync("<status code='110'");
        await AskAsync(BobClient, "<query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query>", Room);
        await AskAsync(AnnsTablet, $"""
            <pubsub xmlns='{PubSub}'><publish node='urn:xmpp:bookmarks:1'>
            <item id='{Room}'><conference xmlns='urn:xmpp:bookmarks:1' name='Tea' autojoin='true'><nick>annie</nick></conference></item></publish>
            <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>{PubSub}#publish-options</value></field>
            <field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field>
            <field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub>
            """);
    }

    /// <summary>Lets Bob publish a picture of himself (XEP-0084).</summary>
    /// <returns>Its name.</returns>
    public async Task<string> ShowPictureAsync()
    {
        var id = NameOf(Dot);
        await AskAsync(BobClient, $"<pubsub xmlns='{PubSub}'><publish node='urn:xmpp:avatar:data'><item id='{id}'><data xmlns='urn:xmpp:avatar:data'>{Convert.ToBase64String(Dot)}</data></item></publish></pubsub>");
        await AskAsync(BobClient, $"<pubsub xmlns='{PubSub}'><publish node='urn:xmpp:avatar:metadata'><item id='{id}'><metadata xmlns='urn:xmpp:avatar:metadata'><info id='{id}' bytes='{Dot.Length}' type='image/png' width='1' height='1'/></metadata></item></publish></pubsub>");
        return id;
    }

#pragma warning disable CA5350 // XEP-0084 section 4.2.1 names pictures so.
    /// <summary>The name of a picture.</summary>
    public static string NameOf(byte[] picture) => Convert.ToHexStringLower(SHA1.HashData(picture));
#pragma warning restore CA5350

    /// <summary>Has a request answered without an error.</summary>
    public static async Task AskAsync(XmppTestClient client, string payload, string? to = null)
    {
        var id = $"ask{Random.Shared.Next()}";
        await client.SendAsync($"<iq type='set' id='{id}'{(to is null ? "" : $" to='{to}'")}>{payload}</iq>");
        var answer = await client.HearAsync($"<iq [^>]*id='{id}'[^>]*>");
        Assert.Contains("type='result'", answer.Value);
    }

    public async ValueTask DisposeAsync()
    {
        await AnnsTablet.DisposeAsync();
        await BobClient.DisposeAsync();
    }

    private static async Task<XmppTestClient> LogInAsync(NetworkNamespace ns, string user)
    {
        var client = await XmppTestClient.ConnectAsync(ns, isDirectTls: true);
        await client.OpenAsync();
        await client.LoginWithPasswordAsync(user, Password);
        await AskAsync(client, "<enable xmlns='urn:xmpp:carbons:2'/>");
        await client.SendAsync("<presence/>");
        return client;
    }
}
