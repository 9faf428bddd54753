using System.Security.Cryptography;
using Parley.tests.Lab;

namespace Parley.tests.Wire;

/// <summary>Debian's Gajim on a screen of its own, with the person's phone and a contact.</summary>
public sealed class GajimTests : DesktopTest
{
    private const string Bob = "bob@" + ChatDomain.Name;
    private const string Tea = "tea@rooms." + ChatDomain.Name;

    // One pixel.
    private static readonly byte[] Picture = Convert.FromBase64String("iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==");

    [Fact]
    public async Task Chats_rooms_pictures_and_files_are_there_and_what_was_said_meanwhile_too()
    {
        await Chat.StartAsync("ann", "bob");
        await using var bob = await Chat.LogInAsync("bob");
        await using var phone = await Chat.LogInAsync("ann");
        await MeetAsync(phone, bob);
        var home = With("home", GajimHome.Make("ann"), () => "");
        var file = home.At("picture.png");
        await File.WriteAllBytesAsync(file, Picture, TestContext.Current.CancellationToken);
        home.HandOver();

        using (var desk = await StartAsync(home))
        {
            Assert.Contains("DIRECT TLS", desk.Log);
            await bob.HearAsync("<presence [^>]*from='ann@chat.test/desk");
            // The room is in the bookmarks that the phone has made.
            await bob.HearAsync($"<presence [^>]*from='{Tea}/ann'");
            await desk.UntilAsync(() => Directory.GetFiles(home.At(".cache/gajim/avatars")).Any(f => File.ReadAllBytes(f).AsSpan().SequenceEqual(Picture)), "it has the contact's picture");

            await desk.OpenAsync(Bob);
            await desk.SayAsync("hello from my desk");
            await bob.HearAsync("<message [^>]*from='ann@chat.test/desk.*<body>hello from my desk</body>");
            await phone.HearAsync("<sent xmlns='urn:xmpp:carbons:2'>.*<body>hello from my desk</body>");
            await bob.SendAsync("<message to='ann@chat.test' type='chat' id='back'><body>and back 😀 &lt;&amp;&gt;</body><request xmlns='urn:xmpp:receipts'/></message>");
            await bob.HearAsync("<received [^>]*id='back'");
            await phone.SendAsync($"<message to='{Bob}' type='chat' id='phone'><body>from my phone</body></message>");
            await SaidAsync(desk, home, Bob, "me: hello from my desk", "them: and back 😀 <&>", "me: from my phone");

            await desk.SendFileAsync(file);
            var url = (await bob.HearAsync("<body>(https://chat.test:5281/upload/[^<]+/picture.png)</body>")).Groups[1].Value;
            using (var http = Chat.Namespace.Http()) Assert.Equal(Picture, await http.GetByteArrayAsync(new Uri(url), TestContext.Current.CancellationToken));

            await desk.OpenAsync(Tea, "groupchat");
            await desk.SayAsync("who wants tea?");
            await bob.HearAsync($"<message [^>]*from='{Tea}/ann'.*<body>who wants tea\\?</body>");
            await bob.SendAsync($"<message to='{Tea}' type='groupchat' id='tea'><body>me</body></message>");
            await SaidAsync(desk, home, Tea, "ann: who wants tea?", "bob: me");
            desk.Quit();
        }

        await bob.HearAsync("<presence [^>]*(type='unavailable'[^>]*from='ann@chat.test/desk|from='ann@chat.test/desk[^>]*type='unavailable')");
        await bob.SendAsync($"<message to='ann@chat.test' type='chat' id='out'><body>while you were out</body></message><message to='{Tea}' type='groupchat' id='all'><body>all gone</body></message>");
        await phone.HearAsync("while you were out");
        await phone.SendAsync($"<message to='{Bob}' type='chat' id='late'><body>I am on my way</body></message>");
        await bob.HearAsync("on my way");
        using (var again = await StartAsync(home))
        {
            await SaidAsync(again, home, Tea, "ann: who wants tea?", "bob: me", "bob: all gone");
            await SaidAsync(again, home, Bob, "me: hello from my desk", "them: and back 😀 <&>", "me: from my phone", "me: https://", "them: while you were out", "me: I am on my way");
        }
    }

    // Contacts of each other; one has a picture, and a room that the other has bookmarked.
    private static async Task MeetAsync(XmppTestClient phone, XmppTestClient bob)
    {
        await phone.SendAsync($"<presence to='{Bob}' type='subscribe'/><iq type='set' id='carbons'><enable xmlns='urn:xmpp:carbons:2'/></iq>");
        await phone.HearAsync("id='carbons'");
        await bob.HearAsync("type='subscribe'");
        await bob.SendAsync("<presence to='ann@chat.test' type='subscribed'/><presence to='ann@chat.test' type='subscribe'/>");
        await phone.HearAsync("type='subscribe'");
        await phone.SendAsync($"<presence to='{Bob}' type='subscribed'/>");
        await bob.HearAsync("type='subscribed'");
        await bob.SendAsync(Avatar() + $"<presence to='{Tea}/bob'><x xmlns='http://jabber.org/protocol/muc'/></presence><iq type='set' id='room' to='{Tea}'><query xmlns='http://jabber.org/protocol/muc#owner'><x xmlns='jabber:x:data' type='submit'/></query></iq>");
        await bob.HearAsync("<iq [^>]*id='room'");
        await phone.SendAsync($"""
            <iq type='set' id='bookmark'><pubsub xmlns='http://jabber.org/protocol/pubsub'>
            <publish node='urn:xmpp:bookmarks:1'><item id='{Tea}'><conference xmlns='urn:xmpp:bookmarks:1' name='Tea' autojoin='true'><nick>ann</nick></conference></item></publish>
            <publish-options><x xmlns='jabber:x:data' type='submit'><field var='FORM_TYPE' type='hidden'><value>http://jabber.org/protocol/pubsub#publish-options</value></field>
            <field var='pubsub#persist_items'><value>true</value></field><field var='pubsub#max_items'><value>max</value></field>
            <field var='pubsub#send_last_published_item'><value>never</value></field><field var='pubsub#access_model'><value>whitelist</value></field></x></publish-options></pubsub></iq>
            """);
        await phone.HearAsync("<iq [^>]*id='bookmark'[^>]*type='result'|<iq [^>]*type='result'[^>]*id='bookmark'");
    }

    private static string Avatar()
    {
#pragma warning disable CA5350 // XEP-0084 section 4.1 names pictures so; nothing is proved by it.
        var id = Convert.ToHexStringLower(SHA1.HashData(Picture));
#pragma warning restore CA5350
        return $"""
            <iq type='set' id='data'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:data'><item id='{id}'><data xmlns='urn:xmpp:avatar:data'>{Convert.ToBase64String(Picture)}</data></item></publish></pubsub></iq>
            <iq type='set' id='metadata'><pubsub xmlns='http://jabber.org/protocol/pubsub'><publish node='urn:xmpp:avatar:metadata'><item id='{id}'><metadata xmlns='urn:xmpp:avatar:metadata'>
            <info id='{id}' type='image/png' bytes='{Picture.Length}' width='1' height='1'/></metadata></item></publish></pubsub></iq>
            """;
    }

    // All that Gajim has of a conversation, each once; "me: https://" stands for what begins so.
    private static async Task SaidAsync(GajimClient client, PrivateHome home, string with, params string[] lines)
    {
        string[] Now() => [.. GajimHome.Said(home).Where(l => l.With == with).Select(l => l.Text.StartsWith("https://", StringComparison.Ordinal) ? l.Who + ": https://" : $"{l.Who}: {l.Text}")];
        await client.UntilAsync(() => Now().Length >= lines.Length, $"{lines.Length} lines with {with}, not {string.Join(", ", Now())}");
        Assert.Equal(lines, Now());
    }

    private async Task<GajimClient> StartAsync(PrivateHome home)
    {
        var client = await GajimClient.StartAsync(Chat.Namespace, home);
        return With("gajim", client, () => client.Log);
    }
}
